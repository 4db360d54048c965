/**
 * Stands where the recorder of the captures stood: sees every message of every node, can hold back or drop some, looks
 * into the memory of every link, and knows when nothing is under way any more.
 */
import { turn } from "../table/turns.ts";
import {
  type Carried,
  type Happening,
  Line,
  type LineEnd,
  type Region,
  type SentFrame,
  type Watch,
} from "./line.ts";
import { MessageFacts, type Place } from "./message-facts.ts";

/** A buffer of a link, copied. */
export interface Image {
  readonly line: Line;
  readonly bufferId: bigint;
  readonly bytes: Uint8Array;
}

const LINK_STATE_0: Place = { bufferId: 0n, offset: 256, size: 24 };
/** As much of a fragment as the captures show. */
const FRAGMENT_HEAD_BYTES = 256;
const FRAGMENT_HEADER_BYTES = 8;
const PRIMARY_BUFFER = 0n;

/** Turns of the loop in a row without anything under way before the network counts as quiet. */
const QUIET_TURNS = 3;
/** So many turns without quiet mean that something got lost; far more than any story needs. */
const RESTLESS_TURNS = 1_000_000;

/** A direction, as `hold` and `drop` take it. */
export interface Direction {
  readonly from: string;
  readonly to: string;
}

/** Records one replay. */
export class Recorder {
  readonly happenings: Happening[] = [];
  /** Every buffer as it was when it was announced. */
  readonly announced: Image[] = [];
  private readonly names: Readonly<Record<string, string>>;
  private readonly lines: Line[] = [];
  private readonly underWay = new Set<SentFrame>();
  private readonly held = new Set<string>();
  private readonly dropped = new Set<number>();
  private over = false;

  /** `names`: the nodes' names by label, in hexadecimal. */
  constructor(names: Readonly<Record<string, string>>) {
    this.names = names;
  }

  // What stories ask for --------------------------------------------------------------------------------------------

  /** Resolves when every message has been delivered and every end knows of the closing of the other. */
  async quiet(): Promise<void> {
    let calm = 0;
    for (let turns = 0; calm < QUIET_TURNS; turns += 1) {
      await turn();
      calm = this.ends().some((end) => end.pending > 0) ? 0 : calm + 1;
      if (turns > RESTLESS_TURNS) throw new Error(`never quiet: ${this.account()}`);
    }
  }

  /** From now on messages in this direction wait. */
  hold({ from, to }: Direction): void {
    this.held.add(`${from}>${to}`);
  }

  /** They go on, and those after them. */
  release({ from, to }: Direction): void {
    this.held.delete(`${from}>${to}`);
    for (const end of this.ends()) {
      if (end.owner !== to || end.peer.owner !== from) continue;
      for (const send of end.heldBack.splice(0)) send();
    }
  }

  /** Messages with this id are never delivered. */
  drop(messageId: number): void {
    this.dropped.add(messageId);
  }

  /** Nothing more is recorded; answers with all buffers as they are now. */
  finish(): Image[] {
    this.over = true;
    return this.lines.flatMap((line) =>
      [...line.buffers].map(([bufferId, { bytes }]) => ({ line, bufferId, bytes: bytes.slice() })),
    );
  }

  // What drivers tell -----------------------------------------------------------------------------------------------

  /** A new connection, whose ends are with these drivers. */
  newLine(owner0: string, owner1: string): Line {
    const line = new Line(owner0, owner1);
    this.lines.push(line);
    return line;
  }

  /** `end` sends; `send` makes the driver do it, `discard` ends what the message carries. */
  transmit(
    end: LineEnd,
    bytes: Uint8Array,
    carried: readonly Carried[],
    how: { readonly send: () => void; readonly discard: () => void },
  ): void {
    const frame = this.note(end, bytes, carried);
    if (frame.dropped) {
      for (const object of carried) if (object.kind === "transport") object.end.closed = true;
      how.discard();
      return;
    }
    this.underWay.add(frame);
    const receiver = end.peer;
    const send = (): void => {
      receiver.incoming.push(frame);
      how.send();
    };
    if (this.held.has(`${end.owner}>${receiver.owner}`)) receiver.heldBack.push(send);
    else send();
    this.look();
  }

  /** The oldest message on its way to `end` has arrived, and is about to be handled. */
  delivered(end: LineEnd): SentFrame {
    const frame = end.incoming.shift();
    if (frame === undefined) throw new Error("a driver delivered what nobody sent");
    this.look();
    this.underWay.delete(frame);
    return frame;
  }

  /** The holder of `end` closes it. */
  closed(end: LineEnd): void {
    if (end.closed) return;
    end.closed = true;
    if (end.peer.closed || this.over) return;
    this.happenings.push({ kind: "closing", end });
  }

  /** Notes what the memory holds now for the messages that are under way. */
  look(): void {
    for (const frame of this.underWay) {
      see(frame.linkState0);
      for (const watch of frame.linkStates) see(watch);
    }
  }

  private note(end: LineEnd, sent: Uint8Array, carried: readonly Carried[]): SentFrame {
    const bytes = sent.slice();
    const facts = new MessageFacts(bytes);
    this.noteBuffers(end, facts, carried);
    const { parcelFragment } = facts;
    const frame: SentFrame = {
      kind: "frame",
      end,
      bytes,
      carried,
      dropped: this.dropped.has(facts.id),
      fragment: parcelFragment && watchOf(end.line, parcelFragment),
      linkStates: facts.linkStates.map((place) => watchOf(end.line, place)),
      linkState0: watchOf(end.line, LINK_STATE_0),
    };
    if (frame.fragment) see(frame.fragment, headBytes(frame.fragment));
    see(frame.linkState0);
    for (const watch of frame.linkStates) see(watch);
    if (!this.over) this.happenings.push(frame);
    return frame;
  }

  /** Memory in a message becomes a buffer of the link on the transport before it, or else of the link it came by. */
  private noteBuffers(end: LineEnd, facts: MessageFacts, carried: readonly Carried[]): void {
    const { addedBuffer, destination } = facts;
    const bufferId = facts.carriesPrimary ? PRIMARY_BUFFER : addedBuffer;
    if (bufferId === null) return;
    let line = destination === null ? end.line : this.lineTo(end.owner, destination);
    for (const object of carried) {
      if (object.kind === "transport") line = object.end.line;
      else this.noteBuffer(line, bufferId, object.region, facts.offeredBy);
    }
  }

  private noteBuffer(line: Line, bufferId: bigint, region: Region, offeredBy: bigint): void {
    if (line.buffers.get(bufferId) === region || offeredBy < line.provider) return;
    line.provider = offeredBy;
    line.buffers.set(bufferId, region);
    this.announced.push({ line, bufferId, bytes: region.bytes.slice() });
  }

  private lineTo(from: string, nameHex: string): Line {
    const to = Object.keys(this.names).find((label) => this.names[label] === nameHex) ?? "nobody";
    const line = this.lines.find((candidate) => candidate.joins(from, to));
    if (!line) throw new Error(`${from} asks to relay to ${to} without a link to it`);
    return line;
  }

  private ends(): LineEnd[] {
    return this.lines.flatMap(({ ends }) => ends);
  }

  private account(): string {
    const busy = this.ends().filter((end) => end.pending > 0);
    return busy.map((end) => `${end.peer.owner}>${end.owner}: ${String(end.pending)}`).join(", ");
  }
}

function watchOf(line: Line, { bufferId, offset, size }: Place): Watch {
  return { line, bufferId, offset, size, seen: new Set() };
}

/** A link without memory yet is looked at as if it were all zero. */
function see({ line, bufferId, offset, size, seen }: Watch, numBytes = size): void {
  const region = line.buffers.get(bufferId);
  const bytes = region
    ? region.bytes.subarray(offset, offset + numBytes)
    : new Uint8Array(numBytes);
  seen.add(Buffer.from(bytes).toString("hex"));
}

/** The captures show a fragment's header and data, up to a limit. */
function headBytes({ line, bufferId, offset, size }: Watch): number {
  const region = line.buffers.get(bufferId);
  if (!region) return 0;
  const view = new DataView(region.bytes.buffer, region.bytes.byteOffset, region.bytes.byteLength);
  const wanted = FRAGMENT_HEADER_BYTES + view.getUint32(offset, true);
  return Math.min(wanted, size, FRAGMENT_HEAD_BYTES);
}
