/** What the command can be told. */
import { parseArgs } from "node:util";
import { PART_NAMES, type PartName } from "./part-names.ts";

const USAGE = `npm run hostile -- [options]

  --messages N  wrong messages against nodes in this process            (default 200000)
  --streams N   hostile streams over real sockets, or pipes              (default 5000)
  --seconds S   seconds of rewriting shared memory, by thread and by process (default 10 each)
  --kills N     most kills of each scenario and victim                  (default: every step)
  --rounds N    rounds of each fault of the system                      (default 20)
  --only A,B    only these parts
  --lanes       nodes over sockets have lanes, and half of the hostile sockets say so too
  --seed S      decides everything; printed with each failure           (default: the time)
  --first N     number of the first attack of messages, to repeat one
  --help

Parts, in their order:
`;

export function usage(): string {
  return `${USAGE}  ${PART_NAMES.join(", ")}\n`;
}

export interface Arguments {
  readonly messages: number;
  readonly streams: number;
  readonly seconds: number;
  readonly kills: number;
  readonly rounds: number;
  /** Empty: all parts. */
  readonly only: readonly PartName[];
  readonly lanes: boolean;
  readonly seed: number;
  readonly first: number;
  readonly help: boolean;
}

function numberOf(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(Number.isSafeInteger(value) || value === Infinity) || value < 0)
    throw new Error(`not a number: ${text}\n${usage()}`);
  return value;
}

function isPartName(name: string): name is PartName {
  return PART_NAMES.some((known) => known === name);
}

function partsOf(text: string | undefined): PartName[] {
  return (text?.split(",") ?? []).map((name) => {
    if (!isPartName(name)) throw new Error(`not a part: ${name}\n${usage()}`);
    return name;
  });
}

/** Throws, with the usage, for what it does not know. */
export function readArguments(args: readonly string[]): Arguments {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: text,
      streams: text,
      seconds: text,
      kills: text,
      rounds: text,
      only: text,
      lanes: { type: "boolean" },
      seed: text,
      first: text,
      help: { type: "boolean" },
    },
  });
  return {
    messages: numberOf(values.messages, 200_000),
    streams: numberOf(values.streams, 5000),
    seconds: numberOf(values.seconds, 10),
    kills: numberOf(values.kills, Infinity),
    rounds: numberOf(values.rounds, 20),
    only: partsOf(values.only),
    lanes: values.lanes ?? false,
    seed: numberOf(values.seed, Math.floor(Date.now() / 1000) % 1_000_000),
    first: numberOf(values.first, 0),
    help: values.help ?? false,
  };
}
