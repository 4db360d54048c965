/**
 * How messages are cut out of a stream, as far as attacks have to know: where a header says what, and what can be wrong
 * with it.
 */
import type { SeededRandom } from "@ipcz/driver-mem";
import { frameHeaderBytesMin, timedFrameHeaderBytes, writeFrameHeader } from "@ipcz/mojo-codec";
import type { SocketFrame } from "./captures.ts";
import type { ObjectKind } from "./compose.ts";
import { pick } from "./knowledge.ts";

/** A portion as it is written: bytes, and descriptors beside the first of them. */
export interface Portion {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly (ObjectKind | "wrong")[];
}

/** One way for a frame to be wrong. */
export type Bend = (frame: SocketFrame, random: SeededRandom) => Portion[];

/** The frames of one wire format. */
export interface Framing {
  /** Bytes of the header that decent peers write. */
  readonly headerBytes: number;
  /** A copy of a frame that says it has so many bytes. */
  withLength(frame: Uint8Array, length: number): Uint8Array;
  /** A copy of a frame that says so many handles are beside it. */
  withCount(frame: Uint8Array, count: number): Uint8Array;
  /** Counts worth trying. */
  readonly counts: readonly number[];
  /** Ways of being wrong that only these frames have, by name. */
  readonly own: Readonly<Record<string, Bend>>;
}

function changed(frame: Uint8Array, at: number, write: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(frame);
  if (copy.length > at) write(new DataView(copy.buffer));
  return copy;
}

function withWord(frame: Uint8Array, at: number, word: number): Uint8Array {
  return changed(frame, at + 3, (view) => view.setUint32(at, word, true));
}

function withHalf(frame: Uint8Array, at: number, half: number): Uint8Array {
  return changed(frame, at + 1, (view) => view.setUint16(at, half, true));
}

/** Those of the C library's reference driver over sockets: a length and a count. */
export const socketFraming: Framing = {
  headerBytes: 8,
  withLength: (frame, length) => withWord(frame, 0, length),
  withCount: (frame, count) => withWord(frame, 4, count),
  // From 2^30 on there is a mark in them, which only ends with lanes may set.
  counts: [
    0,
    1,
    2,
    63,
    64,
    65,
    253,
    65_535,
    2 ** 30,
    2 ** 30 + 1,
    2 ** 31,
    2 ** 31 + 2,
    2 ** 32 - 1,
  ],
  own: { descriptors: (frame, random) => [{ ...frame, descriptors: others(frame, random) }] },
};

function others({ descriptors }: SocketFrame, random: SeededRandom): Portion["descriptors"] {
  const choice = random.below(6);
  if (choice === 0) return [];
  if (choice === 1) return descriptors.map(() => "wrong");
  if (choice === 2) return [...descriptors, "wrong"];
  if (choice === 3) return Array.from({ length: 1 + random.below(70) }, () => "wrong" as const);
  if (choice === 4) return descriptors.map(() => "transport");
  return descriptors.map(() => 1 + random.below(8192));
}

const HEADER_LENGTHS = [0, 1, 7, 8, 9, 15, 16, 17, 24, 40, 100, 0xfff8, 0xffff];

/** Those of Chromium's driver: the header's own length, a count, the frame's length, and the time. */
export const mojoFraming: Framing = {
  headerBytes: timedFrameHeaderBytes,
  withLength: (frame, length) => withWord(frame, 4, length),
  withCount: (frame, count) => withHalf(frame, 2, count),
  counts: [0, 1, 2, 63, 64, 253, 254, 0x7fff, 0x8000, 0xffff],
  own: {
    "lying header": (frame, random) => [
      { ...frame, bytes: withHalf(frame.bytes, 0, pick(random, HEADER_LENGTHS) ?? 0) },
    ],
  },
};

/** What a header of Chromium's driver says. */
export interface MojoClaims {
  /** Bytes of the header itself, also when it says otherwise; default: those that decent peers write. */
  readonly headerBytes?: number;
  readonly claimedHeaderBytes?: number;
  readonly handleCount?: number;
  readonly frameBytes?: number;
}

/** A message in a frame of Chromium's driver. */
export function mojoFrame(message: Uint8Array, claims: MojoClaims = {}): Uint8Array {
  const headerBytes = claims.headerBytes ?? timedFrameHeaderBytes;
  const frame = new Uint8Array(Math.max(headerBytes, frameHeaderBytesMin) + message.length);
  frame.set(message, headerBytes);
  writeFrameHeader(new DataView(frame.buffer), 0, {
    headerBytes: claims.claimedHeaderBytes ?? headerBytes,
    handleCount: claims.handleCount ?? 0,
    frameBytes: claims.frameBytes ?? frame.length,
  });
  return frame;
}
