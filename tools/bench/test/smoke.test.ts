// Every contestant and every table, as small as can be: the shape of the results, not speed. Contestants run from dist.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { isLinux, runsHere } from "../../conformance/src/runs-here.ts";
import type { Entry } from "../src/conduct/contestant.ts";
import type { Results } from "../src/conduct/results.ts";
import { run } from "../src/conduct/run.ts";
import { OUR_NAMES, REFERENCE, RIVAL_NAMES } from "../src/contestants/names.ts";
import { allTables } from "../src/tables/index.ts";
import { measurementsFor, rowsOf, type Table } from "../src/tables/table.ts";

const TABLES = allTables(0.0005, [4]);
/** Larger messages take seconds. */
const BYTES_MAX = 1 << 20;
const QUIET = { next: () => {} };

function smoke(entry: Entry, tables: readonly Table[] = TABLES): Promise<Results> {
  const measurements = measurementsFor(tables).filter(
    ({ request }) => !("bytes" in request) || request.bytes <= BYTES_MAX,
  );
  return run(measurements, [entry], { rounds: 1, inOneGo: true, progress: QUIET });
}

const measures = runsHere(isLinux, "contestants, which are measured by what /proc says");

describe.runIf(measures)("a contestant", () => {
  it.each(RIVAL_NAMES)("carries messages in all tables but those of portals (%s)", async (name) => {
    const results = await smoke({ name, command: null });
    expect(results.failures).toEqual([]);
    for (const table of TABLES) {
      const rows = rowsOf(table, [results], REFERENCE);
      expect(rows).toHaveLength(table.doneBy === "everybody" ? table.lines.length : 0);
    }
  });

  it(`does everything (${REFERENCE})`, async () => {
    const results = await smoke({ name: REFERENCE, command: null });
    expect(results.failures).toEqual([]);
    for (const table of TABLES) {
      const rows = rowsOf(table, [results], REFERENCE);
      expect(rows).toHaveLength(table.lines.length);
      for (const { cells } of rows)
        for (const cell of cells) if (cell) expect(cell.summary.median).not.toBeNaN();
    }
  });

  const some = TABLES.filter(({ id }) => id === "round-trip" || id === "one-way-rate");

  it.each(OUR_NAMES.slice(1))("is one more ipcz (%s)", async (name) => {
    const results = await smoke({ name, command: null }, some);
    expect(results.failures).toEqual([]);
    for (const table of some) expect(rowsOf(table, [results], REFERENCE)).toHaveLength(1);
  });
});

describe.runIf(measures)("a contestant from elsewhere", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function external(name: string, script: string): Entry {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, script);
    return { name, command: `"${process.execPath}" "${path}"` };
  }

  it("measures itself, and leaves out what it does not know", async () => {
    const entry = external(
      "odd",
      `import { createInterface } from "node:readline";
       for await (const line of createInterface({ input: process.stdin })) {
         const { work, bytes } = JSON.parse(line);
         const answer = work === "round-trip" ? { figures: { nanoseconds: bytes * 1000 } } : { unsupported: true };
         console.log(JSON.stringify(answer));
       }`,
    );
    const results = await smoke(entry);
    expect(results.failures).toEqual([]);
    const filled = TABLES.filter((table) => rowsOf(table, [results], REFERENCE).length > 0);
    expect(filled.map(({ id }) => id)).toEqual(["round-trip", "round-trip-one-processor"]);
    const [row] = rowsOf(filled[0] ?? TABLES[0]!, [results], REFERENCE);
    expect(row?.cells.map((cell) => cell?.summary.median)).toEqual([64, 1024, 65_536]);
  });

  it("that ends or answers nonsense is named with its last words, and does not stop the run", async () => {
    const first = measurementsFor(TABLES).slice(0, 2);
    const dying = external("dying", `console.error("no more"); process.exit(3);`);
    const babbling = external("babbling", `console.log("hello"); process.stdin.resume();`);
    const results = await run(first, [dying, babbling], { rounds: 2, progress: QUIET });
    expect(results.failures.map(({ contestant, reason }) => `${contestant}: ${reason}`)).toEqual([
      "dying: it ended: 3\nno more",
      "babbling: not a line of JSON: hello",
      "dying: it ended: 3\nno more",
      "babbling: not a line of JSON: hello",
    ]);
  });

  it("that is busy ends with the command", async () => {
    const pidFile = join(folder, "pid");
    const { name, command } = external(
      "busy",
      `import { writeFileSync } from "node:fs";
       writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
       setInterval(() => {}, 1000);`,
    );
    const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
    const args = ["--tables=start-up", "--contestants=", `--external=${name}=${command}`];
    const child = spawn(process.execPath, [main, ...args], { stdio: "ignore" });
    const pid = await until(() => existsSync(pidFile) && Number(readFileSync(pidFile, "utf8")));
    child.kill("SIGTERM");
    await until(() => !isAlive(pid));
  });
});

/** Waits for a condition to hold; what it answered then. */
async function until<T>(condition: () => T | false | 0): Promise<T> {
  for (;;) {
    const answer = condition();
    if (answer) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
