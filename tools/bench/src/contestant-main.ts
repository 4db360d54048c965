/**
 * The process of one of our contestants: reads requests from standard input and writes answers to standard output.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { openProgram } from "./contestants/programs.ts";
import type { Request } from "./protocol.ts";

/** Longest time a measurement may go on when nobody waits for it any more. */
const END_MS_MAX = 60_000;

process.stdin.once("end", () => {
  setTimeout(() => process.exit(1), END_MS_MAX).unref();
});
const program = await openProgram(process.argv[2] ?? "");
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await program.answer(JSON.parse(line) as Request);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await program.close();
