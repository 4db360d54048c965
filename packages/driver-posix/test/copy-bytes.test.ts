import { describe, expect, it } from "vitest";
import { MessageCopier, type WordTarget } from "../src/copy-bytes.ts";

function target(numBytes: number): WordTarget {
  const bytes = new Uint8Array(numBytes).fill(0xee);
  return { bytes, words: new Uint32Array(bytes.buffer) };
}

describe("copying a message", () => {
  const cases = [0, 1, 3, 4, 7, 8, 96, 104, 255, 256, 257, 1000].flatMap((count) =>
    [0, 1, 4, 8, 12].flatMap((toStart) => [0, 1, 4].map((offset) => ({ count, toStart, offset }))),
  );

  it.each(cases)(
    "moves $count bytes from offset $offset to $toStart and touches nothing else",
    ({ count, toStart, offset }) => {
      const buffer = Uint8Array.from({ length: 1100 }, (_, index) => (index * 7 + 3) & 0xff);
      const from = buffer.subarray(offset, offset + 1096);
      const to = target(2048);
      new MessageCopier().copy(from, count, to, toStart);
      const expected = new Uint8Array(2048).fill(0xee);
      expected.set(from.subarray(0, count), toStart);
      expect(to.bytes).toEqual(expected);
    },
  );

  it("sees what changed in the buffer it copied from before, and changes buffers", () => {
    const copier = new MessageCopier();
    const one = new Uint8Array(64).fill(1);
    const two = new Uint8Array(64).fill(2);
    const to = target(64);
    copier.copy(one, 64, to, 0);
    one.fill(3);
    copier.copy(one, 64, to, 0);
    expect(to.bytes[63]).toBe(3);
    copier.copy(two, 64, to, 0);
    expect(to.bytes[63]).toBe(2);
  });
});
