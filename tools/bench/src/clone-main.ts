/**
 * npm run bench:clone: what it takes to write a value for another process, and to read it there.
 */
import { compare } from "./beside/command.ts";
import type { Comparison } from "./beside/report.ts";
import { type Outcome, takeTurns, type Turn } from "./beside/take-turns.ts";
import { type Cloner, CLONERS } from "./clone/contestants.ts";
import { SAMPLES } from "./clone/values.ts";

async function measure(rounds: number, scale: number): Promise<Comparison> {
  const cloners = Array.from(CLONERS, ([name, open]) => [name, open()] as const);
  const outcomes: Outcome[] = [];
  for (const { label, value, count: full } of SAMPLES) {
    const count = Math.max(1, Math.round(full * scale));
    for (const half of ["write", "read"] as const) {
      const contestants = new Map(
        cloners.map(([name, cloner]): [string, Turn] => [
          name,
          () => microsecondsOf(cloner, value, count)[half],
        ]),
      );
      outcomes.push(await takeTurns({ label: `${half} ${label}`, contestants }, rounds));
    }
  }
  for (const [, cloner] of cloners) cloner.close();
  return { title: "Clones", unit: "µs each", better: "lower", outcomes };
}

/** Of one write and one read, of `count` of either in a row. */
function microsecondsOf(
  cloner: Cloner,
  value: unknown,
  count: number,
): { readonly write: number; readonly read: number } {
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) cloner.write(value);
  const writtenAt = performance.now();
  for (let index = 0; index < count; index++) cloner.read();
  const readAt = performance.now();
  return {
    write: ((writtenAt - startedAt) * 1000) / count,
    read: ((readAt - writtenAt) * 1000) / count,
  };
}

await compare({
  name: "bench:clone",
  about:
    "Writes values as messages and reads them again, in one process: by V8's own format alone, through\n" +
    "a MessageChannel, and through two PortalPorts, by turns.",
  measure,
});
