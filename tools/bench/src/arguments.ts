/**
 * What the command can be told.
 */
import { parseArgs } from "node:util";
import type { Entry } from "./conduct/contestant.ts";
import { fraction, ROUNDS_MAX, whole } from "./option-values.ts";
import { NATIVE_NAME, OUR_NAMES, REFERENCE, RIVAL_NAMES } from "./contestants/names.ts";
import { allTables, TABLE_IDS } from "./tables/index.ts";
import type { Table } from "./tables/table.ts";

export const USAGE: string = `npm run bench -- [options]

  --tables LIST       only these tables, by id
                      ${inLines(TABLE_IDS)}
  --contestants LIST  only these beside ${REFERENCE}; those from elsewhere are always in
                      ${inLines([...OUR_NAMES.slice(1), ...RIVAL_NAMES])}
  --external NAME=COMMAND
                      one more contestant, a program of its own (tools/bench/README.md); as often as wanted
  --native COMMAND    the same as --external "${NATIVE_NAME}=COMMAND"
  --rounds N          rounds of each measurement (default 9)
  --repeat N          whole runs, one after the other (default 1)
  --scale F           length of each measurement, 1 is full (default 1)
  --pairs LIST        numbers of portal pairs (default 1000,100000,1000000)
  --quick             a first impression: 3 rounds, a quarter of the length, no more than 100000 pairs
  --json FILE         writes everything that was measured to this file
  --write             puts the results and their pictures into docs/benchmarks.md; takes all tables
  --help              this text

Lists are separated by commas. Exit code 0: everything was measured, whether or not goals were met; 1: something could
not be measured; 2: wrong options.
`;

export interface Arguments {
  readonly help: boolean;
  readonly tables: readonly Table[];
  /** In the order of their turns; the reference first. */
  readonly entries: readonly Entry[];
  readonly rounds: number;
  readonly repeat: number;
  readonly scale: number;
  readonly json: string | null;
  readonly write: boolean;
}

/** Throws, saying what is wrong. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tables: { type: "string" },
      contestants: { type: "string" },
      external: { type: "string", multiple: true, default: [] },
      native: { type: "string" },
      rounds: { type: "string" },
      repeat: { type: "string", default: "1" },
      scale: { type: "string" },
      pairs: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, write } = values;
  const scale = fraction("--scale", values.scale ?? (quick ? "0.25" : "1"));
  const pairs = listOf(values.pairs ?? (quick ? "1000,100000" : "1000,100000,1000000"));
  const all = allTables(
    scale,
    pairs.map((text) => whole("--pairs", text, 2 ** 21)),
  );
  if (write && values.tables !== undefined) throw new Error("--write takes all tables");
  const externals = values.external.map(externalOf);
  if (values.native !== undefined) externals.push({ name: NATIVE_NAME, command: values.native });
  return {
    help: values.help,
    tables: chosen("--tables", values.tables, all, ({ id }) => id),
    entries: [...entriesOf(values.contestants), ...externals],
    rounds: whole("--rounds", values.rounds ?? (quick ? "3" : "9"), ROUNDS_MAX),
    repeat: whole("--repeat", values.repeat, 100),
    scale,
    json: values.json ?? null,
    write,
  };
}

/** A list that fits the column of explanations. */
function inLines(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < 80)
      lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  return lines.join(",\n                      ");
}

function entriesOf(list: string | undefined): Entry[] {
  const others = [...OUR_NAMES.slice(1), ...RIVAL_NAMES];
  const names = chosen("--contestants", list, others, (name) => name);
  return [REFERENCE, ...names].map((name) => ({ name, command: null }));
}

function externalOf(text: string): Entry {
  const [, name = "", command = ""] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === "") throw new Error(`--external: NAME=COMMAND, not "${text}"`);
  if (isOurs(name)) throw new Error(`--external: "${name}" is the name of another contestant`);
  return { name, command };
}

function isOurs(name: string): boolean {
  return OUR_NAMES.includes(name) || RIVAL_NAMES.some((each) => each === name);
}

/** Those of `all` that `list` names, in the order of `all`. */
function chosen<T>(
  option: string,
  list: string | undefined,
  all: readonly T[],
  nameOf: (each: T) => string,
): T[] {
  if (list === undefined) return [...all];
  const wanted = new Set(listOf(list));
  const found = all.filter((each) => wanted.delete(nameOf(each)));
  const [unknown] = wanted;
  if (unknown === undefined) return found;
  throw new Error(`${option}: there is no "${unknown}", only ${all.map(nameOf).join(", ")}`);
}

function listOf(text: string): string[] {
  return text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]));
}
