import { describe, expect, it } from "vitest";
import {
  initialisePrimaryBuffer,
  initialLinkStateOffset,
  PRIMARY_BUFFER_BYTES,
  PRIMARY_SPANS,
} from "../../src/memory/primary-buffer.ts";
import { Region } from "../../src/memory/region.ts";
import { hex } from "./support.ts";

describe("primary buffer", () => {
  it("starts as the recorded image, byte for byte (spec: wire 4.1)", () => {
    const region = new Region(new Uint8Array(new ArrayBuffer(PRIMARY_BUFFER_BYTES)));
    initialisePrimaryBuffer(region);
    const rows: [number, string][] = [];
    for (let offset = 0; offset < region.size; offset += 16)
      if (region.bytes(offset, 16).some((byte) => byte !== 0))
        rows.push([offset, hex(region, offset, 16)]);
    const zeros = " 00 00 00 00 00 00 00 00 00 00 00 00";
    expect(rows).toEqual([
      [0, "01 00 00 00 00 00 00 00 0c 00 00 00 00 00 00 00"],
      [95_936, `00 00 34 fa${zeros}`],
      [98_048, `00 00 f7 ff${zeros}`],
      [101_888, `00 00 f8 ff${zeros}`],
      [105_472, `00 00 fc ff${zeros}`],
      [112_640, `00 00 fc ff${zeros}`],
      [126_976, `00 00 fc ff${zeros}`],
    ]);
    expect(region.size).toBe(0x20000);
  });

  it("has its allocators one after the other up to its end", () => {
    let end = 1024;
    for (const { offset, size } of PRIMARY_SPANS) {
      expect(offset).toBe(end);
      end = offset + size;
    }
    expect(end).toBe(PRIMARY_BUFFER_BYTES);
    expect(PRIMARY_SPANS.map(({ size, blockSize }) => size / blockSize)).toEqual([
      1484, 9, 8, 4, 4, 4,
    ]);
  });

  it("has twelve fixed link states", () => {
    expect(initialLinkStateOffset(0)).toBe(256);
    expect(initialLinkStateOffset(11)).toBe(960);
    expect(() => initialLinkStateOffset(12)).toThrow("an initial portal has a fixed link state");
  });
});
