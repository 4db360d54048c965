/**
 * Tables of work that only ipcz does, in whatever language.
 */
import { scaled } from "./messages.ts";
import type { Column, Line, Table } from "./table.ts";

const IN_WORDS = new Intl.NumberFormat("en-US");

export interface PortalTableOptions {
  readonly scale: number;
  /** Numbers of pairs that exist at the same time. */
  readonly pairs: readonly number[];
}

export function portalTables({ scale, pairs }: PortalTableOptions): Table[] {
  const columns = pairs.map((pairCount): Column => {
    const count = scaled(pairCount, Math.min(scale * 4, 1));
    return {
      label: `${IN_WORDS.format(count)} pairs`,
      request: { work: "pairs", count },
      roundsMax: roundsFor(count),
    };
  });
  return [
    routes(scale),
    portals(scale),
    {
      id: "pairs-memory",
      title: "Memory per portal pair",
      about:
        "Pairs between two processes, all open at once. Near is the process that made the pairs, far the one that " +
        "received a portal of each. Private memory is resident and not shared, the heap included; shared memory is what " +
        "both map. Left is what is in use after all pairs are closed, of what was not before.",
      unit: "B",
      better: "lower",
      columns,
      lines: [
        line("heap, near", ({ heapNear }) => heapNear),
        line("heap, far", ({ heapFar }) => heapFar),
        line("private, near", ({ privateNear }) => privateNear),
        line("private, far", ({ privateFar }) => privateFar),
        line("shared", ({ shared }) => shared),
        line("heap left, near", ({ leftNear }) => leftNear),
        line("heap left, far", ({ leftFar }) => leftFar),
        line("private left, near", ({ leftPrivateNear }) => leftPrivateNear),
        line("private left, far", ({ leftPrivateFar }) => leftPrivateFar),
      ],
      doneBy: "one ipcz",
    },
    {
      id: "pairs-time",
      title: "Time while portal pairs exist",
      about:
        "Of the same runs: per pair, opening with transfer and closing; and a round trip of 64 bytes over another " +
        "portal, both processes on one processor, before there are any pairs and while there are.",
      unit: "µs",
      better: "lower",
      columns,
      lines: [
        line("open and transfer", ({ openNanoseconds: time }) => time && time / 1000),
        line("close", ({ closeNanoseconds: time }) => time && time / 1000),
        line("round trip, without", ({ roundTripBefore: time }) => time && time / 1000),
        line("round trip, among them", ({ roundTripDuring: time }) => time && time / 1000),
      ],
      doneBy: "one ipcz",
    },
    idle(scale),
  ];
}

/** What takes a second, what takes many, and what takes a minute. */
function roundsFor(pairs: number): number {
  if (pairs > 500_000) return 1;
  return pairs > 20_000 ? 3 : 5;
}

function line(label: string, value: Line["value"]): Line {
  return { label, value };
}

function perSecond(nanoseconds: number | undefined): number | undefined {
  return nanoseconds && 1e9 / nanoseconds;
}

function routes(scale: number): Table {
  const column = (label: string, bytes: number, count: number): Column => ({
    label,
    request: { work: "routes", bytes, count: scaled(count, scale) },
  });
  return {
    id: "routes",
    title: "Round trip over a route that moved",
    about:
      "Two routes between the same two processes, by turns: one that never moved, and one whose end was handed over " +
      "three times, by way of two other processes. Both on one processor, so that chance has no say.",
    unit: "µs",
    better: "lower",
    columns: [
      column("64 B", 64, 8000),
      column("1 KiB", 1024, 8000),
      column("64 KiB", 65_536, 2000),
    ],
    lines: [
      line("never moved", ({ direct }) => direct && direct / 1000),
      line("handed over three times", ({ moved }) => moved && moved / 1000),
    ],
    doneBy: "portals",
  };
}

function portals(scale: number): Table {
  return {
    id: "portals",
    title: "Portals per second",
    about:
      "In bulk, 50 portals in a parcel: pairs made in one node; made and one end sent to another process; closed at " +
      "both ends of such a pair; and made, sent, and the first parcel received through each at the other process.",
    unit: "pairs/s",
    better: "higher",
    columns: [{ label: "in bulk", request: { work: "portals", count: scaled(20_000, scale) } }],
    lines: [
      line("open", ({ open }) => perSecond(open)),
      line("open and transfer", ({ transfer }) => perSecond(transfer)),
      line("close", ({ close }) => perSecond(close)),
      line("open, transfer, first parcel", ({ first }) => perSecond(first)),
    ],
    doneBy: "portals",
  };
}

function idle(scale: number): Table {
  const count = scaled(10_000, Math.min(scale * 4, 1));
  const seconds = Math.min(10, Math.max(0.1, 10 * scale * 4));
  return {
    id: "idle",
    title: "Wake-ups at rest",
    about:
      "Two processes with open portal pairs between them and nothing to do, watched from outside: how often the system " +
      "woke the threads on which their event loops run, and all of their threads. V8's timer that looks for garbage in " +
      "resting processes, every 8 s, is switched off.",
    unit: `in ${seconds} s`,
    better: "lower",
    columns: [
      {
        label: `${IN_WORDS.format(count)} pairs`,
        request: { work: "idle", count, seconds },
        roundsMax: 1,
      },
    ],
    lines: [
      line("event loops", ({ loops }) => loops),
      line("all threads", ({ threads }) => threads),
    ],
    doneBy: "portals",
  };
}
