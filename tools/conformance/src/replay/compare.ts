/**
 * What the C library sent beside what was sent here: connection by connection, direction by direction.
 *
 * The order of messages of different directions is free: they come from different threads there, and different sockets
 * here. Everything else must be the same, down to the last byte.
 */
import { type Capture, type CapturedFrame, type CapturedImage, messageHex } from "./capture.ts";
import type { Happening, SentFrame, Watch } from "./line.ts";
import type { Image } from "./recorder.ts";
import { racedNumbers } from "./races.ts";
import type { Replayed } from "./stage.ts";

/** Where a message has its number. */
const NUMBER_START = 8;
const NUMBER_END = 16;

/** Everything about a capture that may be compared. */
export interface Comparison {
  /** Messages that differ, are missing, or are too many; and closings. */
  readonly messages: string[];
  /** Contents of fragments, of link states and of the first link state, at the moment of a message. */
  readonly moments: string[];
  /** Buffers as they were announced, and as they are in the end. */
  readonly images: string[];
  /** Driver objects that were left when everything was closed. */
  readonly leaks: string[];
}

/** Compares; every entry is one line about one difference. */
export function compare(capture: Capture, replayed: Replayed): Comparison {
  const comparison: Comparison = {
    messages: [],
    moments: [],
    images: [],
    leaks: [...replayed.leaks],
  };
  const expected = capturedByDirection(capture);
  const actual = replayedByDirection(replayed);
  excuse(capture.scenario, expected, actual, comparison.messages);
  for (const direction of new Set([...expected.keys(), ...actual.keys()])) {
    const wanted = expected.get(direction) ?? [];
    const sent = actual.get(direction) ?? [];
    for (let index = 0; index < Math.max(wanted.length, sent.length); index += 1)
      compareOne(`${direction} #${String(index)}`, wanted[index], sent[index], comparison);
  }
  for (const image of capture.memory) compareImage(image, replayed, comparison.images);
  return comparison;
}

/** Where numbers may be swapped, and are, messages of the replay get those of the capture. */
function excuse(
  scenario: string,
  expected: ReadonlyMap<string, readonly Wanted[]>,
  actual: ReadonlyMap<string, readonly Happening[]>,
  messages: string[],
): void {
  const raced = racedNumbers[scenario];
  if (!raced) return;
  const then: string[] = [];
  const now: string[] = [];
  for (const position of raced.positions) {
    const wanted = expected.get(raced.direction)?.[position];
    const sent = actual.get(raced.direction)?.[position];
    if (wanted === undefined || wanted === "closing" || sent?.kind !== "frame") return;
    const number = Buffer.from(messageHex(wanted), "hex").subarray(NUMBER_START, NUMBER_END);
    then.push(hexOf(number));
    now.push(hexOf(sent.bytes.subarray(NUMBER_START, NUMBER_END)));
    sent.bytes.set(number, NUMBER_START);
  }
  if (then.join() === now.join()) messages.push(`no numbers are swapped: ${raced.because}`);
  if (then.toSorted().join() !== now.toSorted().join())
    messages.push(`numbers of ${raced.direction}: then ${then.join()}, now ${now.join()}`);
}

type Wanted = CapturedFrame | "closing";

function capturedByDirection({ frames, events }: Capture): Map<string, Wanted[]> {
  const all = [
    ...frames.map((frame) => ({ ...frame, what: frame as Wanted })),
    ...events.map((event) => ({ ...event, what: "closing" as Wanted })),
  ].toSorted((one, other) => one.seq - other.seq);
  const directions = new Map<string, Wanted[]>();
  for (const { from, to, what } of all) append(directions, `${from}>${to}`, what);
  return directions;
}

function replayedByDirection({ happenings }: Replayed): Map<string, Happening[]> {
  const directions = new Map<string, Happening[]>();
  for (const happening of happenings) {
    const { owner, peer } = happening.end;
    append(directions, `${owner}>${peer.owner}`, happening);
  }
  return directions;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function compareOne(
  place: string,
  wanted: Wanted | undefined,
  sent: Happening | undefined,
  { messages, moments }: Comparison,
): void {
  if (
    wanted === undefined ||
    sent === undefined ||
    wanted === "closing" ||
    sent.kind === "closing"
  ) {
    const [then, now] = [describeWanted(wanted), describeSent(sent)];
    if (then !== now) messages.push(`${place}: then ${then}, now ${now}`);
    return;
  }
  const difference = firstDifference(messageHex(wanted), hexOf(sent.bytes));
  if (difference !== null) {
    messages.push(`${place}, message ${String(wanted.messageId)}: ${difference}`);
    return;
  }
  if (wanted.numFds !== sent.carried.length)
    messages.push(
      `${place}: then ${String(wanted.numFds)} descriptors, now ${String(sent.carried.length)}`,
    );
  if ((wanted.droppedByHarness === true) !== sent.dropped)
    messages.push(`${place}: the story does not drop what was dropped then`);
  compareMoment(`${place}, message ${String(wanted.messageId)}`, wanted, sent, moments);
}

/**
 * The recorder looked at some time between sending and delivery, while both nodes went on. So what it saw must be one of
 * the contents that the memory had here in that time. A fragment does not change then.
 */
function compareMoment(
  place: string,
  wanted: CapturedFrame,
  sent: SentFrame,
  moments: string[],
): void {
  const headHex = wanted.fragment?.headHex;
  if (headHex !== undefined) expectSeen(`${place}, fragment`, headHex, sent.fragment, moments);
  if (wanted.linkState0 !== undefined)
    expectSeen(`${place}, link state 0`, wanted.linkState0, sent.linkState0, moments);
  for (const [index, { hex }] of (wanted.linkStateFragments ?? []).entries())
    expectSeen(`${place}, link state`, hex, sent.linkStates[index] ?? null, moments);
}

function expectSeen(place: string, hex: string, watch: Watch | null, moments: string[]): void {
  if (watch?.seen.has(hex) === true) return;
  moments.push(`${place}: then ${hex}, now ${[...(watch?.seen ?? [])].join(" or ")}`);
}

function compareImage(image: CapturedImage, replayed: Replayed, differences: string[]): void {
  const atEnd = image.when === "end of scenario";
  const found = (atEnd ? replayed.atEnd : replayed.announced).findLast((candidate) =>
    isImageOf(candidate, image),
  );
  const place = `${image.link}, buffer ${image.bufferId}, ${image.when}`;
  if (!found) {
    differences.push(`${place}: no such buffer now`);
    return;
  }
  if (found.bytes.length !== image.size)
    differences.push(
      `${place}: then ${String(image.size)} bytes, now ${String(found.bytes.length)}`,
    );
  const now = rowsOf(found.bytes);
  const then = new Map(image.nonZeroRows.map(({ offset, hex }) => [offset, hex]));
  if (now.size !== (image.nonZeroRowsTotal ?? then.size))
    differences.push(`${place}: not as many rows that are not zero`);
  const offsets = new Set([
    ...then.keys(),
    ...(image.nonZeroRowsTotal === undefined ? now.keys() : []),
  ]);
  for (const offset of offsets) {
    const [row, row2] = [then.get(offset) ?? "zero", now.get(offset) ?? "zero"];
    if (row !== row2)
      differences.push(`${place}, offset ${String(offset)}: then ${row}, now ${row2}`);
  }
}

function isImageOf({ line, bufferId }: Image, image: CapturedImage): boolean {
  const [one = "", other = ""] = image.link.split("-");
  return line.joins(one, other) && String(bufferId) === image.bufferId;
}

const ROW_BYTES = 16;

/** Rows with anything in them, by offset. */
function rowsOf(bytes: Uint8Array): Map<number, string> {
  const rows = new Map<number, string>();
  for (let offset = 0; offset < bytes.length; offset += ROW_BYTES) {
    const row = bytes.subarray(offset, offset + ROW_BYTES);
    if (row.some((byte) => byte !== 0)) rows.set(offset, hexOf(row));
  }
  return rows;
}

function describeWanted(wanted: Wanted | undefined): string {
  if (wanted === undefined) return "nothing";
  return wanted === "closing" ? "closing" : `message ${String(wanted.messageId)}`;
}

function describeSent(sent: Happening | undefined): string {
  if (sent === undefined) return "nothing";
  return sent.kind === "closing" ? "closing" : `message ${String(sent.bytes[2])}`;
}

function firstDifference(then: string, now: string): string | null {
  if (then === now) return null;
  if (then.slice(4, 6) !== now.slice(4, 6))
    return `now message ${String(parseInt(now.slice(4, 6), 16))}`;
  let index = 0;
  while (then[index] === now[index]) index += 1;
  index -= index % 2;
  return `differs at byte ${String(index / 2)} of ${String(then.length / 2)} (now ${String(now.length / 2)}): then ${then.slice(index, index + 32)}, now ${now.slice(index, index + 32)}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
