/**
 * The command line of a comparison.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fraction, ROUNDS_MAX, whole } from "../option-values.ts";
import { describeSetting } from "../report/setting.ts";
import { type Comparison, comparisonJson, comparisonText } from "./report.ts";

/** What is the command's own. */
export interface Command {
  /** As in `npm run bench:clone`. */
  readonly name: string;
  /** What it does, in a sentence or two. */
  readonly about: string;
  /** `scale` is the length of each turn, 1 is full. */
  readonly measure: (rounds: number, scale: number) => Promise<Comparison>;
}

const ROUNDS = 15;

export async function compare({ name, about, measure }: Command): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: String(ROUNDS) },
      scale: { type: "string", default: "1" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage(name, about));
    return;
  }
  const rounds = whole("--rounds", values.rounds, ROUNDS_MAX);
  const scale = fraction("--scale", values.scale);
  const setting = describeSetting({ rounds, scale, repeat: 1 });
  const comparison = await measure(rounds, scale);
  console.log(comparisonText(comparison, setting));
  if (values.json !== undefined) writeFileSync(values.json, comparisonJson(comparison, setting));
}

function usage(name: string, about: string): string {
  return `npm run ${name} -- [options]

${about}

  --rounds N    rounds that count (default ${String(ROUNDS)})
  --scale F     length of each turn, 1 is full (default 1)
  --json FILE   writes everything that was measured to this file
  --help        this text
`;
}
