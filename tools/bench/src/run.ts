/**
 * One run: every contestant measured in turn, round after round, so that all of them meet the same weather.
 */
import type { Channel, Contestant, Port } from "./port.ts";
import { summarise, type Summary } from "./statistics.ts";
import type { Table } from "./tables.ts";

/** A contestant without its message type. */
export interface Entry {
  readonly name: string;
  open(): Promise<Opened>;
}

interface Opened {
  measure(table: Table, scale: number): Promise<number>;
  close(): Promise<void>;
}

export function entry<M>(contestant: Contestant<M>): Entry {
  return {
    name: contestant.name,
    open: async () => openedOf(await contestant.open()),
  };
}

function openedOf<M>(channel: Channel<M>): Opened {
  const port: Port<M> = channel.port;
  return {
    measure: (table, scale) => table.measure(port, scale),
    close: () => channel.close(),
  };
}

export interface TableResult {
  readonly table: Table;
  /** By contestant, in the order given. */
  readonly results: readonly { readonly name: string; readonly summary: Summary }[];
}

export interface RunOptions {
  readonly rounds: number;
  /** 1: full length. */
  readonly scale: number;
  progress(line: string): void;
}

export async function run(
  tables: readonly Table[],
  entries: readonly Entry[],
  options: RunOptions,
): Promise<TableResult[]> {
  const open = await Promise.all(
    entries.map(async (entrant) => ({ name: entrant.name, opened: await entrant.open() })),
  );
  const results: TableResult[] = [];
  for (const table of tables) {
    const samples = open.map((): number[] => []);
    for (const { opened } of open) await opened.measure(table, options.scale / 2); // warm-up
    for (let round = 1; round <= options.rounds; round++) {
      options.progress(`${table.id}: round ${round} of ${options.rounds}`);
      for (const [index, { opened }] of open.entries())
        samples[index]?.push(await opened.measure(table, options.scale));
    }
    results.push({
      table,
      results: open.map(({ name }, index) => ({ name, summary: summarise(samples[index] ?? []) })),
    });
  }
  await Promise.all(open.map(({ opened }) => opened.close()));
  return results;
}
