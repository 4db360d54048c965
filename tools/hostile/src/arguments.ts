/** What the command can be told. */
import { parseArgs } from "node:util";

export const USAGE = `npm run hostile -- [options]

  --messages N  wrong messages against nodes in this process   (default 200000)
  --streams N   hostile streams over real sockets              (default 5000)
  --seconds S   seconds of rewriting shared memory             (default 10)
  --seed S      decides everything; printed with each failure  (default: the time)
  --first N     number of the first attack, to repeat one
  --help
`;

export interface Arguments {
  readonly messages: number;
  readonly streams: number;
  readonly seconds: number;
  readonly seed: number;
  readonly first: number;
  readonly help: boolean;
}

function numberOf(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a number: ${text}\n${USAGE}`);
  return value;
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
      seed: text,
      first: text,
      help: { type: "boolean" },
    },
  });
  return {
    messages: numberOf(values.messages, 200_000),
    streams: numberOf(values.streams, 5000),
    seconds: numberOf(values.seconds, 10),
    seed: numberOf(values.seed, Math.floor(Date.now() / 1000) % 1_000_000),
    first: numberOf(values.first, 0),
    help: values.help ?? false,
  };
}
