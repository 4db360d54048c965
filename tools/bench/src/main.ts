/**
 * npm run bench: ipcz against what Node offers, in real processes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ipcz } from "./contestants/ipcz.ts";
import { messageChannel } from "./contestants/message-channel.ts";
import { processSend } from "./contestants/process-send.ts";
import { describeSetting, toJson, toMarkdown } from "./present.ts";
import { entry, run } from "./run.ts";
import { TABLES } from "./tables.ts";

const HELP = `npm run bench -- [options]

  --rounds N     rounds per table (default 9)
  --scale F      length of each measurement, 1 is full (default 1)
  --only ID      one table: ${TABLES.map(({ id }) => id).join(", ")}
  --json         print JSON instead of Markdown
  --write        put the result into docs/benchmarks.md
  --help         this text
`;

const DOCUMENT = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));
const MARKER = "<!-- results: everything below is written by npm run bench -- --write -->";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    scale: { type: "string", default: "1" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else await bench();

async function bench(): Promise<void> {
  const rounds = positive("--rounds", values.rounds);
  const scale = positive("--scale", values.scale);
  const tables = TABLES.filter(({ id }) => values.only === undefined || id === values.only);
  if (tables.length === 0) throw new Error(`--only: there is no table "${values.only}"`);
  const entries = [
    entry(ipcz),
    entry(processSend("json")),
    entry(processSend("advanced")),
    entry(messageChannel),
  ];
  const results = await run(tables, entries, {
    rounds,
    scale,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  const setting = describeSetting(rounds);
  console.log(values.json ? toJson(results, setting) : toMarkdown(results, setting));
  if (!values.write) return;
  const [head] = readFileSync(DOCUMENT, "utf8").split(MARKER);
  writeFileSync(DOCUMENT, `${head}${MARKER}\n\n${toMarkdown(results, setting)}`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option}: a number above 0, not "${text}"`);
  return value;
}
