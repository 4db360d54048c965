/** The command: the attacks one after the other, with progress, and one line at the end. */
import process from "node:process";
import { readArguments, usage } from "./arguments.ts";
import { wantLanes } from "./open-driver.ts";
import { PARTS } from "./parts.ts";
import { Verdicts } from "./verdicts.ts";
import { startWatchdog } from "./watchdog.ts";

/** Under Wine a process takes ten times as long to start. */
const STILL_MS = process.platform === "win32" ? 600_000 : 60_000;

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(usage());
    return;
  }
  wantLanes(args.lanes);
  const verdicts = new Verdicts(startWatchdog(STILL_MS));
  verdicts.say(`seed ${args.seed}`);
  for (const { name, run, systems } of PARTS) {
    if (args.only.length > 0 && !args.only.includes(name)) continue;
    if (systems && !systems.includes(process.platform))
      verdicts.skip(`${name} (only on ${systems.join(", ")})`);
    else await run(args, verdicts);
  }
  verdicts.say(verdicts.sum);
  // Nothing may keep the process alive, and nothing is waited for any more.
  process.exit(verdicts.failed === 0 ? 0 : 1);
}

await main();
