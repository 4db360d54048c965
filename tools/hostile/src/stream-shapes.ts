/** What goes wrong on a socket: frames cut, lengths and counts that lie, descriptors of the wrong number and kind. */
import type { SeededRandom } from "@ipcz/driver-mem";
import type { ObjectKind } from "./compose.ts";
import type { SocketFrame, SocketStory } from "./captures.ts";
import { pick } from "./knowledge.ts";
import { fillRandom, spoilBytes } from "./spoil.ts";

/** A portion as it is written: bytes, and descriptors beside the first of them. */
export interface Portion {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly (ObjectKind | "wrong")[];
}

/** The ways, by name. */
export const SHAPES = [
  "byte by byte",
  "cut",
  "lying length",
  "lying count",
  "descriptors",
  "noise",
  "endless",
  "content",
  "split",
] as const;
export type Shape = (typeof SHAPES)[number];

const LENGTHS = [
  0,
  1,
  7,
  8,
  9,
  24,
  31,
  32,
  100,
  65_536,
  2 ** 20,
  2 ** 30,
  2 ** 30 + 1,
  2 ** 32 - 1,
];
/** From 2^30 on there is a mark in them, which only ends with lanes may set. */
const COUNTS = [
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
];

function withWord(bytes: Uint8Array, at: number, word: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  if (changed.length >= at + 4) new DataView(changed.buffer).setUint32(at, word, true);
  return changed;
}

function cutInto({ bytes, descriptors }: Portion, width: number, countMax: number): Portion[] {
  const portions: Portion[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = portions.length === countMax ? bytes.length : at + width;
    portions.push({ bytes: bytes.slice(at, end), descriptors: at === 0 ? descriptors : [] });
    at = end;
  }
  return portions;
}

function otherDescriptors(frame: SocketFrame, random: SeededRandom): Portion["descriptors"] {
  const choice = random.below(6);
  if (choice === 0) return [];
  if (choice === 1) return frame.descriptors.map(() => "wrong");
  if (choice === 2) return [...frame.descriptors, "wrong"];
  if (choice === 3) return Array.from({ length: 1 + random.below(70) }, () => "wrong" as const);
  if (choice === 4) return frame.descriptors.map(() => "transport");
  return frame.descriptors.map(() => 1 + random.below(8192));
}

function shapeFrame(frame: SocketFrame, shape: Shape, random: SeededRandom): Portion[] {
  const { bytes } = frame;
  switch (shape) {
    case "byte by byte":
      return cutInto(frame, 1, 160);
    case "split":
      return cutInto(frame, 1 + random.below(bytes.length), 8);
    case "cut":
      return [{ ...frame, bytes: bytes.slice(0, random.below(bytes.length)) }];
    case "lying length":
      return [{ ...frame, bytes: withWord(bytes, 0, lie(bytes.length, LENGTHS, random)) }];
    case "lying count":
      return [{ ...frame, bytes: withWord(bytes, 4, pick(random, COUNTS) ?? 0) }];
    case "descriptors":
      return [{ bytes, descriptors: otherDescriptors(frame, random) }];
    case "noise": {
      const noise = new Uint8Array(1 + random.below(300));
      fillRandom(noise, random);
      return [{ ...frame, bytes: noise }];
    }
    case "endless": {
      const announced = withWord(bytes, 0, 2 ** 20 + random.below(2 ** 30 - 2 ** 20));
      return [{ ...frame, bytes: announced }, ...endlessRest(random)];
    }
    case "content": {
      const body = spoilBytes(bytes.subarray(8), random);
      const whole = new Uint8Array(8 + body.length);
      whole.set(bytes.subarray(0, 8));
      whole.set(body, 8);
      return [{ ...frame, bytes: withWord(whole, 0, whole.length) }];
    }
  }
}

function lie(length: number, lengths: readonly number[], random: SeededRandom): number {
  return random.chance(0.5) ? length + random.below(33) - 16 : (pick(random, lengths) ?? 0);
}

function endlessRest(random: SeededRandom): Portion[] {
  return Array.from({ length: random.below(4) }, () => ({
    bytes: new Uint8Array(1 + random.below(20_000)),
    descriptors: random.chance(0.3) ? ["wrong"] : [],
  }));
}

/** One stream: a decent beginning, then one frame or more in the given shape. */
export function shapeStream(story: SocketStory, shape: Shape, random: SeededRandom): Portion[] {
  const portions: Portion[] = [];
  const start = random.below(Math.min(4, story.frames.length));
  const harmless = shape === "byte by byte" || shape === "split";
  for (const [index, frame] of story.frames.slice(0, 8).entries()) {
    const bent = index === start || (index > start && (harmless || random.chance(0.3)));
    portions.push(...(bent ? shapeFrame(frame, shape, random) : [frame]));
  }
  return portions;
}
