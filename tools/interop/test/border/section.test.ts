/** What the border costs, as a part of a page that others write too. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { borderTable, withBorder } from "../../src/border/section.ts";
import { Stopwatch, summaryOf } from "../../src/border/timing.ts";

const BEGIN = "<!-- border: from here on written by npm run bench:border -- --write -->";
const END = "<!-- end of border -->";
const rows = [
  { what: "a call", timing: { median: 23.4, lowest: 11.1, highest: 1150 } },
  { what: "a trap", timing: { median: 74_900, lowest: 42_900, highest: 197_000 } },
];

describe("the section about the border", () => {
  it("gives nanoseconds below a microsecond, and microseconds above", () => {
    expect(borderTable(rows, "Node.").split("\n").slice(-2)).toEqual([
      "| a call | 23.4 ns | 11.1 ns–1.15 µs |",
      "| a trap | 74.9 µs | 42.9 µs–197 µs |",
    ]);
  });

  it("takes the place of the one before and leaves the rest of the page alone", () => {
    const page = `above\n\n${BEGIN}\n\nold\n\n${END}\n\nbelow\n`;
    const once = withBorder(page, "new");
    expect(once).toBe(`above\n\n${BEGIN}\n\nnew\n\n${END}\n\nbelow\n`);
    expect(withBorder(once, "new")).toBe(once);
  });

  it("is refused by a page that has no place for it", () => {
    expect(() => withBorder(`${END}\n${BEGIN}\n`, "new")).toThrow("the page lacks the lines");
    expect(() => withBorder("nothing", "new")).toThrow("the page lacks the lines");
  });

  it("has its place in docs/benchmarks.md, where the other results do not overwrite it", () => {
    const path = new URL("../../../../docs/benchmarks.md", import.meta.url);
    const page = withBorder(readFileSync(path, "utf8"), "new");
    expect(page.indexOf("new")).toBeLessThan(page.indexOf("<!-- results: everything below"));
  });
});

describe("a timing", () => {
  it("is the median of the rounds, with the lowest and the highest", () => {
    expect(summaryOf([5, 1, 9, 3, 7])).toEqual({ median: 5, lowest: 1, highest: 9 });
  });

  it("leaves out the first round, which is for the compiler", async () => {
    let rounds = 0;
    const { median, lowest, highest } = await new Stopwatch(3).timeRounds(1, () => void rounds++);
    expect(rounds).toBe(4);
    expect(lowest).toBeLessThanOrEqual(median);
    expect(median).toBeLessThanOrEqual(highest);
  });
});
