import { describe, expect, it } from "vitest";
import { advantage } from "../src/present.ts";
import { summarise } from "../src/statistics.ts";
import { TABLES } from "../src/tables.ts";

describe("a summary", () => {
  it("is the middle sample of an odd number, and the mean of the middle two of an even one", () => {
    expect(summarise([9, 1, 5])).toEqual({ median: 5, lowest: 1, highest: 9 });
    expect(summarise([4, 2, 8, 6])).toEqual({ median: 5, lowest: 2, highest: 8 });
  });
});

describe("the advantage", () => {
  const ours = summarise([10]);
  const other = summarise([20]);

  it("is above 1 for half the time", () => {
    const table = TABLES.find(({ better }) => better === "lower");
    expect(table && advantage(table, ours, other)).toBe(2);
  });

  it("is below 1 for half the rate", () => {
    const table = TABLES.find(({ better }) => better === "higher");
    expect(table && advantage(table, ours, other)).toBe(0.5);
  });
});
