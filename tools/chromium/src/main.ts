/**
 * `npm run interop:chromium`: our nodes and an unmodified Chromium in one network, rung by rung.
 */
import { writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromiumPage } from "./chromium-page.ts";
import { findBrowser } from "./find-browser.ts";
import { climb, exchanged, ladder } from "./ladder.ts";

const PAGE = fileURLToPath(new URL("../../../docs/chromium.md", import.meta.url));

const HELP = `Runs the ladder of tests with a real Chromium or Chrome, and prints a row for each rung.

  --chromium <path>   the browser; by default one where packages put it
  --rung <names>      only these: A1,B2
  --repeat <number>   how often each is run; default: 1
  --trace             print every message
  --write             put the result into docs/chromium.md
  --list              print the rungs, and run nothing
  --help              print this

Without a browser everything is skipped and the exit code is 0; otherwise it is 1 when a rung has failed.`;

const { values: flags } = parseArgs({
  options: {
    chromium: { type: "string" },
    rung: { type: "string" },
    repeat: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function run(): Promise<void> {
  const browser = process.platform === "linux" ? findBrowser(flags.chromium) : null;
  if (!browser) {
    const where = flags.chromium ?? "where packages put it";
    console.log(`no Chromium and no Chrome ${where}: ${ladder.length} rungs skipped`);
    return;
  }
  console.log(`${browser.name} (${browser.program})`);
  const names = flags.rung?.split(",");
  const rungs = ladder.filter(({ name }) => names?.includes(name) ?? true);
  const { results, totals } = await climb(browser, rungs, {
    repeat: Number(flags.repeat),
    trace: flags.trace ? (line) => console.log(line) : null,
    log: (line) => console.log(line),
  });
  const messages = exchanged(totals);
  console.log("");
  for (const { name, passed, durations, about } of results) {
    console.log(`${name}  ${passed}/${durations.length}  ${about}`);
  }
  console.log(
    `\n${messages.length} of 28 messages: ${messages.map(([, name]) => name).join(", ")}`,
  );
  if (flags.write) {
    const setting = `${browser.name}; Node ${process.version}, ${os.type()} ${os.release()} ${os.arch()}.`;
    writeFileSync(PAGE, chromiumPage(results, messages, setting));
  }
  if (results.some(({ failures }) => failures.length > 0) || results.length === 0) {
    process.exitCode = 1;
  }
}

if (flags.help) console.log(HELP);
else if (flags.list) for (const { name, about } of ladder) console.log(`${name}  ${about}`);
else await run();
