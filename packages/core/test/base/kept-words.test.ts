import { expect, it } from "vitest";
import { KeptWords } from "../../src/base/kept-words.ts";

it("shows the words of whatever buffer comes, and makes them once for those that follow each other", () => {
  const kept = new KeptWords(64);
  const whole = Uint8Array.from({ length: 64 }, (_, index) => index);
  const others = [whole.subarray(16), whole.slice(), whole.subarray(40, 48)];
  for (const bytes of [whole, ...others, whole, ...others.toReversed()]) {
    const words = kept.of(bytes);
    expect(words?.length).toBe(bytes.length / 4);
    expect(new Uint8Array(words!.buffer, words!.byteOffset, bytes.length)).toEqual(bytes);
    expect(kept.of(bytes)).toBe(words);
  }
});

it("has no words of a buffer that is too large, or does not begin at one", () => {
  const kept = new KeptWords(64);
  const bytes = new Uint8Array(64);
  const words = kept.of(bytes);
  expect(kept.of(new Uint8Array(65))).toBeNull();
  expect(kept.of(bytes.subarray(2))).toBeNull();
  expect(kept.of(bytes)).toBe(words);
});
