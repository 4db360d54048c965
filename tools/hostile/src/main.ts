/** The command: all attacks one after the other, with progress, and one line at the end. */
import process from "node:process";
import { readArguments, USAGE, type Arguments } from "./arguments.ts";
import { Campaign, type Failure } from "./campaign.ts";
import { growth, measureMemory } from "./memory-use.ts";
import { runParts } from "./parts.ts";
import { StreamCampaign } from "./streams.ts";
import { startWatchdog } from "./watchdog.ts";

const STILL_MS = 60_000;

let passed = 0;
let failed = 0;
let skipped = 0;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function conclude(what: string, failures: readonly Failure[]): void {
  if (failures.length === 0) passed++;
  else failed++;
  say(`${failures.length === 0 ? "ok    " : "FAILED"} ${what}`);
  for (const { attack, what: harm } of failures) say(`  attack ${attack}: ${harm}`);
}

function skip(what: string): void {
  skipped++;
  say(`skip   ${what}`);
}

async function messages(args: Arguments, alive: () => void): Promise<void> {
  const { seed } = args;
  new Campaign({ seed: seed + 1, messages: 3000 }).run();
  const before = await measureMemory();
  const start = Date.now();
  const report = new Campaign({
    seed,
    messages: args.messages,
    first: args.first,
    progress: (attacks, count) => {
      alive();
      if (attacks % 20_000 === 0) say(`       ${attacks} attacks, ${count} messages`);
    },
  }).run();
  const seconds = (Date.now() - start) / 1000;
  const rate = Math.round(report.messages / seconds);
  say(`       by scene ${JSON.stringify(report.byScene)}, by way ${JSON.stringify(report.byWay)}`);
  say(`       routers left by rings of portals (a known fault): ${report.routersLeft}`);
  conclude(
    `${report.messages} wrong messages in ${report.attacks} attacks, ${rate} a second`,
    report.failures,
  );
  const grown = growth(before, await measureMemory());
  conclude("memory is flat over the messages", grown === null ? [] : [{ attack: -1, what: grown }]);
}

async function streams(args: Arguments, alive: () => void): Promise<void> {
  await new StreamCampaign({ seed: args.seed + 1, streams: 64 }).run();
  const before = await measureMemory();
  const report = await new StreamCampaign({
    seed: args.seed,
    streams: args.streams,
    progress: (count) => {
      alive();
      say(`       ${count} streams`);
    },
  }).run();
  say(`       by shape ${JSON.stringify(report.byShape)}`);
  conclude(`${report.streams} hostile streams`, report.failures);
  const grown = growth(before, await measureMemory());
  conclude("memory is flat over the streams", grown === null ? [] : [{ attack: -1, what: grown }]);
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(USAGE);
    return;
  }
  const alive = startWatchdog(STILL_MS);
  say(`seed ${args.seed}`);
  await messages(args, alive);
  const linux = process.platform === "linux";
  if (linux) await streams(args, alive);
  else skip("hostile streams (Linux only)");
  await runParts(args, { alive, conclude, skip });
  say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  // Nothing may keep the process alive, and nothing is waited for any more.
  process.exit(failed === 0 ? 0 : 1);
}

await main();
