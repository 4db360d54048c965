/** What goes wrong on a socket: frames cut, lengths and counts that lie, descriptors of the wrong number and kind. */
import type { SeededRandom } from "@ipcz/driver-mem";
import type { SocketFrame, SocketStory } from "./captures.ts";
import type { Framing, Portion } from "./framing.ts";
import { pick } from "./knowledge.ts";
import { fillRandom, spoilBytes } from "./spoil.ts";

/** The ways that all frames have, by name. */
const SHAPES = [
  "byte by byte",
  "cut",
  "lying length",
  "lying count",
  "noise",
  "endless",
  "content",
  "split",
] as const;
type Shape = (typeof SHAPES)[number];

/** The names of all ways to be wrong with frames of a format. */
export function shapesOf(framing: Framing): string[] {
  return [...SHAPES, ...Object.keys(framing.own)];
}

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

function isShape(name: string): name is Shape {
  return SHAPES.some((shape) => shape === name);
}

function bend(frame: SocketFrame, name: string, framing: Framing, random: SeededRandom): Portion[] {
  if (isShape(name)) return shapeFrame(frame, name, framing, random);
  return framing.own[name]?.(frame, random) ?? [frame];
}

function shapeFrame(
  frame: SocketFrame,
  shape: Shape,
  framing: Framing,
  random: SeededRandom,
): Portion[] {
  const { bytes } = frame;
  switch (shape) {
    case "byte by byte":
      return cutInto(frame, 1, 160);
    case "split":
      return cutInto(frame, 1 + random.below(bytes.length), 8);
    case "cut":
      return [{ ...frame, bytes: bytes.slice(0, random.below(bytes.length)) }];
    case "lying length":
      return [{ ...frame, bytes: framing.withLength(bytes, lie(bytes.length, LENGTHS, random)) }];
    case "lying count":
      return [{ ...frame, bytes: framing.withCount(bytes, pick(random, framing.counts) ?? 0) }];
    case "noise": {
      const noise = new Uint8Array(1 + random.below(300));
      fillRandom(noise, random);
      return [{ ...frame, bytes: noise }];
    }
    case "endless": {
      const announced = framing.withLength(bytes, 2 ** 20 + random.below(2 ** 30 - 2 ** 20));
      return [{ ...frame, bytes: announced }, ...endlessRest(random)];
    }
    case "content": {
      const { headerBytes } = framing;
      const body = spoilBytes(bytes.subarray(headerBytes), random);
      const whole = new Uint8Array(headerBytes + body.length);
      whole.set(bytes.subarray(0, headerBytes));
      whole.set(body, headerBytes);
      return [{ ...frame, bytes: framing.withLength(whole, whole.length) }];
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

/** One of the stories that a broker tells, or a member. */
export function pickStory(
  stories: readonly SocketStory[],
  asBroker: boolean,
  random: SeededRandom,
): SocketStory {
  const fitting = stories.filter(({ firstId }) => firstId === (asBroker ? 0 : 1));
  return pick(random, fitting) ?? { firstId: 0, frames: [] };
}

/** A story is told so far and no further. */
export const STORY_FRAMES_MAX = 8;

/** One stream: a decent beginning, then one frame or more in the given shape. */
export function shapeStream(
  story: SocketStory,
  shape: string,
  framing: Framing,
  random: SeededRandom,
): Portion[] {
  const portions: Portion[] = [];
  const start = random.below(Math.min(4, story.frames.length));
  const harmless = shape === "byte by byte" || shape === "split";
  for (const [index, frame] of story.frames.slice(0, STORY_FRAMES_MAX).entries()) {
    const bent = index === start || (index > start && (harmless || random.chance(0.3)));
    portions.push(...(bent ? bend(frame, shape, framing, random) : [frame]));
  }
  return portions;
}
