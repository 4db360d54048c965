// What is started for a measurement on one processor can run on one only, and everything else where it likes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runsHere } from "../../conformance/src/runs-here.ts";
import { oneProcessor } from "../src/conduct/one-processor.ts";
import { run } from "../src/conduct/run.ts";
import { allTables } from "../src/tables/index.ts";
import { measurementsFor } from "../src/tables/table.ts";

/** Answers with the number of processors that it may use, which its far processes would inherit. */
const COUNTER = `
  import os from "node:os";
  import { createInterface } from "node:readline";
  createInterface({ input: process.stdin }).on("line", () => {
    console.log(JSON.stringify({ figures: { nanoseconds: os.availableParallelism() } }));
  });
`;

const canPin = runsHere(oneProcessor() !== null, "one processor for all, as taskset gives it");

describe.runIf(canPin)("a round trip", () => {
  it.each([
    ["round-trip", os.availableParallelism()],
    ["round-trip-one-processor", 1],
  ])("is measured where its table says (%s)", async (table, processors) => {
    const folder = mkdtempSync(join(os.tmpdir(), "ipcz-bench-"));
    const program = join(folder, "counter.mjs");
    writeFileSync(program, COUNTER);
    const entry = { name: "counter", command: `"${process.execPath}" "${program}"` };
    const [measurement] = measurementsFor(allTables(1).filter(({ id }) => id === table));
    if (!measurement) throw new Error("nothing to measure");
    const results = await run([measurement], [entry], { rounds: 1, progress: { next: () => {} } });
    expect(results.failures).toEqual([]);
    expect(results.of(measurement.request, "counter")).toEqual([{ nanoseconds: processors }]);
    rmSync(folder, { recursive: true });
  });
});
