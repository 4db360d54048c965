import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { axisFor } from "../src/report/axis.ts";
import { writeDocument } from "../src/report/document.ts";
import { toJson } from "../src/report/json.ts";
import { toMarkdown } from "../src/report/markdown.ts";
import { figure, ratio } from "../src/report/numbers.ts";
import { toPicture } from "../src/report/picture.ts";
import { makeReport, type Report } from "../src/report/report.ts";
import { COLUMNS, RATES, resultsOf, SETTING, TIMES } from "./made-up.ts";

const RESULTS = resultsOf(COLUMNS, {
  ipcz: [{ nanoseconds: 10_000 }, { nanoseconds: 30_000 }],
  other: [{ nanoseconds: 40_000 }],
});

function report(): Report {
  return makeReport([TIMES, RATES], [RESULTS], SETTING);
}

function pictures(): string[] {
  return report().tables.map(toPicture);
}

describe("numbers", () => {
  it.each([
    [0, "0"],
    [0.004, "4.0e-3"],
    [1.234, "1.23"],
    [999, "999"],
    [-12.34, "-12.3"],
    [1_234_567.8, "1,234,568"],
  ])("%d is written %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it("ratios have three digits", () => {
    expect([ratio(0.5), ratio(12.34), ratio(1234.5)]).toEqual(["0.500×", "12.3×", "1235×"]);
  });
});

describe("the report as Markdown", () => {
  it("gives the ratio first, then median and spread", () => {
    const text = toMarkdown(report(), null);
    expect(text).toMatch(/\| ipcz +\| 20\.0 \(10\.0–30\.0\) +\|/);
    expect(text).toMatch(/\| other +\| \*\*2\.00×\*\* 40\.0 +\|/);
  });

  it("has rows as wide as their heads", () => {
    for (const block of toMarkdown(report(), null).split("\n\n")) {
      const widths = block
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .map((line) => line.length);
      expect(new Set(widths).size).toBeLessThan(2);
    }
  });

  it("names the setting, every goal and what could not be measured", () => {
    const [column] = COLUMNS;
    if (!column) throw new Error("no columns");
    const failed = resultsOf(COLUMNS, { ipcz: [{ nanoseconds: 1 }] });
    failed.failures.push({ contestant: "other", request: column.request, reason: "it\nended" });
    const text = toMarkdown(makeReport([TIMES], [failed], SETTING), null);
    for (const part of ["v20.19.0", "a processor", "0123abc", "zeromq 6.8.0", "not measured"])
      expect(text).toContain(part);
    expect(text).toContain('- other, `{"work":"round-trip","bytes":64,"count":1}`: it ended');
  });
});

describe("the report as JSON", () => {
  it("holds the setting, the goals, and every sample", () => {
    const parsed = JSON.parse(toJson(report()));
    expect(parsed.setting).toEqual(SETTING);
    expect(parsed.goals.length).toBeGreaterThan(10);
    expect(parsed.tables.map(({ id }: { id: string }) => id)).toEqual(["times", "rates"]);
    expect(parsed.tables[0].rows[0].cells[0]).toEqual({
      summary: { median: 20, lowest: 10, highest: 30 },
      samples: [10, 30],
      ahead: null,
    });
  });
});

describe("a picture", () => {
  it("is well-formed, with every element closed and every text escaped", () => {
    for (const svg of pictures()) {
      const open: string[] = [];
      for (const [, slash, name = "", rest = ""] of svg.matchAll(/<(\/?)([a-z]+)([^>]*)>/g)) {
        if (slash) expect(open.pop()).toBe(name);
        else if (!rest.endsWith("/")) open.push(name);
      }
      expect(open).toEqual([]);
    }
    expect(pictures()[0]).toContain("Times &lt; others");
  });

  it("has a dot and a spread for each cell, and stays within its bounds", () => {
    for (const svg of pictures()) {
      expect(svg.match(/<circle /g)).toHaveLength(4);
      const [, width = "0", height = "0"] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
      for (const [, x] of svg.matchAll(/ (?:x|x1|x2|cx)="([^"]*)"/g))
        expect(Number(x)).toBeLessThanOrEqual(Number(width));
      for (const [, y] of svg.matchAll(/ (?:y|y1|y2|cy)="([^"]*)"/g))
        expect(Number(y)).toBeLessThanOrEqual(Number(height));
    }
  });

  it("has colours for light and for dark, and a background of its own", () => {
    for (const svg of pictures()) {
      expect(svg).toContain("prefers-color-scheme: dark");
      expect(svg.match(/\.card \{/g)).toHaveLength(2);
    }
  });

  it("places equal ratios at equal distances", () => {
    const { place } = axisFor([10, 1000]);
    expect(place(20) - place(10)).toBeCloseTo(place(800) - place(400));
  });

  it.each([
    [[10, 1000]],
    [[3, 7_000_000]],
    [[5, 5]],
    [[0.02, 0.03]],
    [[0, 0]],
    [[-40, 1200]],
    [[0, 3]],
  ])("has an axis that covers %j, with ticks", (values) => {
    const { place, ticks } = axisFor(values);
    for (const value of [...values, ...ticks]) {
      expect(place(value)).toBeGreaterThanOrEqual(-1e-9);
      expect(place(value)).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(12);
  });
});

describe("the document", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("keeps what people wrote, and replaces results and pictures", () => {
    const path = join(folder, "benchmarks.md");
    const marker = "<!-- results: everything below is written by npm run bench -- --write -->";
    writeFileSync(path, `Words.\n\n${marker}\n\nold results`);
    writeDocument(folder, report());
    writeDocument(folder, makeReport([TIMES], [RESULTS], SETTING));
    const text = readFileSync(path, "utf8");
    expect(text.startsWith(`Words.\n\n${marker}\n\n2000-01-01`)).toBe(true);
    expect(text).not.toContain("old results");
    expect(text).toContain("![Times < others](benchmarks/times.svg)");
    expect(readdirSync(join(folder, "benchmarks"))).toEqual(["times.svg"]);
  });
});
