/**
 * Tables of work that everybody does.
 */
import type { Figures, OneWayRequest, Request, RoundTripRequest } from "../protocol.ts";
import type { Column, Line, Table } from "./table.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Counts for full length. Fewer than `min` would measure nothing. */
export function scaled(count: number, scale: number, min = 8): number {
  return Math.max(min, Math.round(count * scale));
}

const MICROSECONDS: Line = {
  label: "",
  value: ({ nanoseconds }) => nanoseconds && nanoseconds / 1000,
};

export function messageTables(scale: number): Table[] {
  const oneWay = oneWayColumns(scale);
  return [
    roundTrips(scale),
    {
      ...roundTrips(scale, { onOneProcessor: true }),
      id: "round-trip-one-processor",
      title: "Round trip on one processor",
      about:
        "The same with both processes on one processor, where nothing depends on which of them sleeps where: what is " +
        "counted is how long both work, and two changes from one to the other.",
    },
    {
      id: "one-way-rate",
      title: "One way, messages per second",
      about:
        "Bursts of messages; each burst is acknowledged, and the sender waits when too many are not. " +
        "The time is that from the first message to the last acknowledgement.",
      unit: "messages/s",
      better: "higher",
      doneBy: "everybody",
      columns: oneWay.slice(0, 3),
      lines: [{ label: "", value: ({ nanoseconds }) => nanoseconds && 1e9 / nanoseconds }],
    },
    {
      id: "one-way-bytes",
      title: "One way, bytes per second",
      about: "As above; 1 MB is a million bytes.",
      unit: "MB/s",
      better: "higher",
      doneBy: "everybody",
      columns: oneWay.slice(2),
      lines: [{ label: "", value: megabytesPerSecond }],
    },
    allocations(scale),
    {
      id: "start-up",
      title: "Start-up",
      about:
        "From the call that starts a process (a thread, for MessageChannel) to its first message.",
      unit: "ms",
      better: "lower",
      doneBy: "everybody",
      columns: [{ label: "first message", request: { work: "start-up" } }],
      lines: [{ label: "", value: ({ nanoseconds }) => nanoseconds && nanoseconds / 1e6 }],
    },
  ];
}

function roundTrips(scale: number, where: Pick<RoundTripRequest, "onOneProcessor"> = {}): Table {
  const column = (label: string, bytes: number, count: number): Column => ({
    label,
    request: { work: "round-trip", bytes, count: scaled(count, scale), ...where },
  });
  return {
    id: "round-trip",
    title: "Round trip",
    about: "A message to the other process and its echo back, one at a time.",
    unit: "µs",
    better: "lower",
    doneBy: "everybody",
    columns: [
      column("64 B", 64, 10_000),
      column("1 KiB", KIB, 10_000),
      column("64 KiB", 64 * KIB, 1000),
    ],
    lines: [MICROSECONDS],
  };
}

function oneWayColumns(scale: number): Column[] {
  const column = (label: string, request: Omit<OneWayRequest, "work">): Column => ({
    label,
    request: { work: "one-way", ...request, bursts: scaled(request.bursts, scale, 3) },
  });
  return [
    column("64 B", { bytes: 64, burst: 250, bursts: 200, ahead: 16 }),
    column("1 KiB", { bytes: KIB, burst: 250, bursts: 100, ahead: 8 }),
    column("16 KiB", { bytes: 16 * KIB, burst: 32, bursts: 100, ahead: 4 }),
    column("1 MiB", { bytes: MIB, burst: 1, bursts: 64, ahead: 4 }),
    column("64 MiB", { bytes: 64 * MIB, burst: 1, bursts: 4, ahead: 2 }),
  ];
}

function allocations(scale: number): Table {
  const column = (label: string, bytes: number, bursts: number): Column => ({
    label,
    request: { work: "allocation", bytes, burst: 50, bursts: scaled(bursts, scale, 3), ahead: 8 },
  });
  return {
    id: "allocation",
    title: "Bytes allocated per message",
    about:
      "One way, in bursts of 50. By V8's own figures, on the heap and in buffers outside of it: what is in use before and " +
      "after, with room enough that nothing is collected in between.",
    unit: "B",
    better: "lower",
    doneBy: "everybody",
    columns: [column("64 B", 64, 200), column("1 KiB", KIB, 200)],
    lines: [
      { label: "sender", value: ({ sent }) => sent },
      { label: "receiver", value: ({ received }) => received },
    ],
  };
}

function megabytesPerSecond({ nanoseconds }: Figures, request: Request): number | undefined {
  return nanoseconds && "bytes" in request ? (request.bytes * 1000) / nanoseconds : undefined;
}
