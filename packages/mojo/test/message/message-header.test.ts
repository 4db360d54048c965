import { describe, expect, test } from "vitest";
import { messageHeaderBytes, readMessage, writeMessage } from "../../src/index.ts";
import {
  queryVersionReply,
  queryVersionRequest,
  readVersion,
  runMethod,
} from "../../src/message/control-message.ts";

const request = {
  interfaceId: 0,
  method: runMethod,
  expectsReply: true,
  isReply: false,
  requestId: 0x1234n,
};

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("messages", () => {
  test("are written as Chromium reads them", () => {
    expect(hexOf(writeMessage(request, queryVersionRequest()))).toBe(
      "38000000030000000000000" +
        "0ffffffff01000000000000003412000000000000180000000000000000000000000000000000000000000000" +
        "1800000000000000100000000000000008000000000000000800000000000000",
    );
  });

  test("are read as they were written", () => {
    const bytes = writeMessage(request, Uint8Array.of(1, 2, 3));
    expect(readMessage(bytes)).toEqual({ ...request, payloadStart: messageHeaderBytes });
  });

  test("of older versions have shorter headers", () => {
    const oldest = new Uint8Array(24);
    const view = new DataView(oldest.buffer);
    view.setUint32(0, 24, true);
    view.setUint32(12, 7, true);
    expect(readMessage(oldest)).toMatchObject({ method: 7, requestId: 0n, payloadStart: 24 });
    const second = new Uint8Array(32);
    second.set(oldest);
    new DataView(second.buffer).setUint32(0, 32, true);
    new DataView(second.buffer).setUint32(4, 1, true);
    new DataView(second.buffer).setUint32(16, 2, true);
    new DataView(second.buffer).setUint32(24, 5, true);
    expect(readMessage(second)).toMatchObject({ isReply: true, requestId: 5n, payloadStart: 32 });
  });

  test.each([
    ["is empty", 0, 0, 0],
    ["has a header shorter than its version's", 0, 48, 100],
    ["has a header longer than itself", 0, 64, 63],
    ["has a header that ends at no multiple of 8", 0, 60, 100],
    ["has its payload inside the header", 32, 16, 100],
    ["has its payload behind its end", 32, 80, 100],
    ["has its payload at no multiple of 8", 32, 25, 100],
    ["is a request and a reply", 16, 3, 100],
  ])("that %s is none", (_name, at, word, length) => {
    const bytes = new Uint8Array(Math.max(length, 56));
    bytes.set(writeMessage(request, new Uint8Array(0)));
    expect(readMessage(bytes)).not.toBeNull();
    new DataView(bytes.buffer).setUint32(at, word, true);
    expect(readMessage(bytes.subarray(0, length))).toBeNull();
  });

  test("without a request id expect no reply", () => {
    const bytes = new Uint8Array(24);
    new DataView(bytes.buffer).setUint32(0, 24, true);
    new DataView(bytes.buffer).setUint32(16, 1, true);
    expect(readMessage(bytes)).toBeNull();
  });
});

describe("the question for the version", () => {
  test("is answered with 40 bytes", () => {
    const reply = queryVersionReply(7);
    expect(reply).toHaveLength(40);
    expect(readVersion(reply)).toBe(7);
  });

  test("has no answer in other bytes", () => {
    expect(readVersion(new Uint8Array(40))).toBeNull();
    expect(readVersion(queryVersionReply(7).subarray(0, 32))).toBeNull();
  });
});
