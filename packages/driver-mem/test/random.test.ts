import { describe, expect, it } from "vitest";
import { SeededRandom } from "../src/random.ts";

function numbers(seed: number, stream: number): number[] {
  const random = new SeededRandom(seed, stream);
  return Array.from({ length: 20 }, () => random.next());
}

describe("seeded random numbers", () => {
  it("are the same for the same seed and stream, and others for others", () => {
    expect(numbers(7, 1)).toEqual(numbers(7, 1));
    const all = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 52].flatMap((seed) =>
      [1, 2, 3].map((stream) => numbers(seed, stream).join()),
    );
    expect(new Set(all).size).toBe(18);
  });

  it("cover a range evenly, and nothing outside (seed 1)", () => {
    const random = new SeededRandom(1, 1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const number = random.below(10);
      counts[number] = (counts[number] ?? NaN) + 1;
    }
    expect(counts.length).toBe(10);
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("never happen at probability 0 and always at 1", () => {
    const random = new SeededRandom(1, 1);
    const results = Array.from({ length: 1000 }, () => [random.chance(0), random.chance(1)]);
    expect(results.every(([never, always]) => never === false && always === true)).toBe(true);
  });
});
