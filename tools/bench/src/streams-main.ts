/**
 * npm run bench:streams: bytes through a PortalStream, beside a socket of Node's own.
 */
import { compare } from "./beside/command.ts";
import { type Outcome, takeTurns, type Turn } from "./beside/take-turns.ts";
import type { Comparison } from "./beside/report.ts";
import { STREAMS } from "./streams/contestants.ts";
import { ACKNOWLEDGED_BYTES, transfer } from "./streams/transfer.ts";

/** What one write takes, and how many MiB a turn sends in such writes. */
const CHUNKS = [
  { label: "1 KiB", bytes: 1024, mebibytes: 16 },
  { label: "16 KiB", bytes: 16 * 1024, mebibytes: 64 },
  { label: "64 KiB", bytes: 64 * 1024, mebibytes: 128 },
  { label: "256 KiB", bytes: 256 * 1024, mebibytes: 128 },
] as const;

async function measure(rounds: number, scale: number): Promise<Comparison> {
  const outcomes: Outcome[] = [];
  const open = new Map(
    await Promise.all(Array.from(STREAMS, async ([name, start]) => [name, await start()] as const)),
  );
  for (const { label, bytes, mebibytes } of CHUNKS) {
    const count = Math.max(1, Math.round(mebibytes * scale));
    const contestants = new Map(
      Array.from(open, ([name, { stream }]): [string, Turn] => [
        name,
        async () => {
          const startedAt = performance.now();
          await transfer(stream, bytes, count * ACKNOWLEDGED_BYTES);
          return (count * 1000) / (performance.now() - startedAt);
        },
      ]),
    );
    outcomes.push(await takeTurns({ label, contestants }, rounds));
  }
  await Promise.all(Array.from(open.values(), ({ end }) => end()));
  return { title: "Streams, by length of the chunks", unit: "MiB/s", better: "higher", outcomes };
}

await compare({
  name: "bench:streams",
  about:
    "Sends bytes one way to another process, through a socket of node:net and through portals, by\n" +
    "turns, as fast as the streams take them.",
  measure,
});
