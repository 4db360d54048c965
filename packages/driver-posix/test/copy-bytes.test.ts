import { describe, expect, it } from "vitest";
import { MessageCopier } from "../src/copy-bytes.ts";

describe("copying a message", () => {
  const cases = [0, 1, 3, 4, 7, 8, 96, 104, 255, 256, 257, 1000, 16_384, 16_385].flatMap((count) =>
    [0, 1, 4, 8, 12].flatMap((toStart) => [0, 1, 4].map((offset) => ({ count, toStart, offset }))),
  );

  it.each(cases)(
    "moves $count bytes from offset $offset to $toStart and touches nothing else",
    ({ count, toStart, offset }) => {
      const buffer = Uint8Array.from({ length: 16_392 }, (_, index) => (index * 7 + 3) & 0xff);
      const from = buffer.subarray(offset, offset + 16_386);
      const to = new Uint8Array(20_000).fill(0xee);
      new MessageCopier().copy(from, count, to, toStart);
      const expected = new Uint8Array(20_000).fill(0xee);
      expected.set(from.subarray(0, count), toStart);
      expect(to).toEqual(expected);
    },
  );

  it("sees what changed in the buffer it copied from before, and changes buffers", () => {
    const copier = new MessageCopier();
    const one = new Uint8Array(64).fill(1);
    const two = new Uint8Array(64).fill(2);
    const to = new Uint8Array(64);
    copier.copy(one, 64, to, 0);
    one.fill(3);
    copier.copy(one, 64, to, 0);
    expect(to[63]).toBe(3);
    copier.copy(two, 64, to, 0);
    expect(to[63]).toBe(2);
  });
});
