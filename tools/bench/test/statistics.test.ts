import { describe, expect, it } from "vitest";
import { median, summarise } from "../src/report/statistics.ts";

describe("a summary", () => {
  it("is the middle sample of an odd number, and the mean of the middle two of an even one", () => {
    expect(summarise([9, 1, 5])).toEqual({ median: 5, lowest: 1, highest: 9 });
    expect(summarise([4, 2, 8, 6])).toEqual({ median: 5, lowest: 2, highest: 8 });
  });

  it("is nothing for no samples", () => {
    expect(summarise([])).toBeNull();
    expect(median([])).toBeNaN();
  });

  it("sorts numbers as numbers and leaves the samples as they are", () => {
    const samples = [100, 9, 20];
    expect(median(samples)).toBe(20);
    expect(samples).toEqual([100, 9, 20]);
  });
});
