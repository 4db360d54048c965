import { describe, expect, it } from "vitest";
import { decodeParams } from "../../src/wire/decode.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { HEADER_BYTES } from "../../src/wire/header.ts";
import type { MessageSchema } from "../../src/wire/schema.ts";

/** No message of the protocol has a field like this; a later one may. */
const Small = {
  id: 200,
  v0: [
    ["first", "u8", "one byte"],
    ["second", "u8", "another"],
    ["wide", "u16", "two bytes"],
    ["padding", "zero(4)", "nothing"],
  ],
} as const;
Small satisfies MessageSchema;

describe("fields of one byte", () => {
  it.each([0, 1, 0x7f, 0x80, 0xff])("are read as they were written (%i)", (first) => {
    const values = { first, second: 0xff - first, wide: 0x1234 };
    const bytes = encodeMessage(Small, values);
    expect(decodeParams(Small, bytes, bytes.length, HEADER_BYTES, 0)).toEqual(values);
  });
});
