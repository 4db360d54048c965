/**
 * Objects as Chromium's driver sends them: on Windows bytes that name handles by their numbers, with numbers that are
 * right or made up; elsewhere the handles are beside the message.
 */
import type { SeededRandom } from "@ipcz/driver-mem";
import {
  objectBytes,
  type InlineHandles,
  type ObjectDescription,
  writeObject,
} from "@ipcz/mojo-codec";
import type { SocketFrame, SocketStory } from "./captures.ts";
import type { ObjectKind } from "./compose.ts";
import { type Bend, type Framing, mojoFrame, mojoFraming, socketFraming } from "./framing.ts";
import { pick } from "./knowledge.ts";
import { STORY_FRAMES_MAX } from "./stream-shapes.ts";

/** What an object of a kind says of itself. */
export function described(kind: ObjectKind): ObjectDescription {
  if (kind !== "transport")
    return { kind: "memory", numBytes: kind, access: "unsafe", guid: new Uint8Array(16).fill(7) };
  return {
    kind,
    destination: "non-broker",
    isPeerTrusted: false,
    isTrustedByPeer: false,
    isSameRemoteProcess: false,
  };
}

/** The bytes of an object that names these handles. */
export function objectNaming(
  object: ObjectDescription,
  owner: InlineHandles["owner"],
  values: readonly bigint[],
): Uint8Array {
  const handles = { owner, values };
  const bytes = new Uint8Array(objectBytes(object, handles));
  writeObject(bytes, object, handles);
  return bytes;
}

/** The bytes of an object whose one handle is beside the message. */
export function objectBeside(kind: ObjectKind): Uint8Array {
  const object = described(kind);
  const bytes = new Uint8Array(objectBytes(object, null));
  writeObject(bytes, object, null);
  return bytes;
}

/** Where the array of a message's objects is said, and its elements: where the driver's bytes are, and which handles. */
const OBJECTS_AT = 16;
const ARRAY_HEADER_BYTES = 8;
const ELEMENT_BYTES = 8;

/**
 * A copy of a message whose objects are given by their bytes, each with so many handles beside the message; objects that
 * it has no place for are left out.
 */
export function withObjects(
  message: Uint8Array,
  objects: readonly Uint8Array[],
  handlesEach: 0 | 1 = 0,
): Uint8Array {
  const places = elementsOf(message).slice(0, objects.length);
  const room = objects.reduce((sum, bytes) => sum + ARRAY_HEADER_BYTES + padded(bytes.length), 0);
  const whole = new Uint8Array(message.length + room);
  whole.set(message);
  const view = new DataView(whole.buffer);
  let end = message.length;
  for (const [index, at] of places.entries()) {
    const bytes = objects[index] ?? new Uint8Array(0);
    view.setUint32(at, end, true);
    view.setUint16(at + 4, index * handlesEach, true);
    view.setUint16(at + 6, handlesEach, true);
    view.setUint32(end, ARRAY_HEADER_BYTES + padded(bytes.length), true);
    view.setUint32(end + 4, bytes.length, true);
    whole.set(bytes, end + ARRAY_HEADER_BYTES);
    end += ARRAY_HEADER_BYTES + padded(bytes.length);
  }
  return whole.subarray(0, end);
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Where the elements of the array of objects lie. */
function elementsOf(message: Uint8Array): number[] {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const at = message.length < OBJECTS_AT + 4 ? 0 : view.getUint32(OBJECTS_AT, true);
  if (at === 0 || at + ARRAY_HEADER_BYTES > message.length) return [];
  const count = view.getUint32(at + 4, true);
  const places = Array.from({ length: Math.min(count, message.length) }, (_none, index) => {
    return at + ARRAY_HEADER_BYTES + ELEMENT_BYTES * index;
  });
  return places.filter((place) => place + ELEMENT_BYTES <= message.length);
}

/** A recorded story of sockets in Chromium's frames; `write` makes the bytes of its objects. */
export function inMojoFrames(
  { firstId, frames }: SocketStory,
  write: (kind: ObjectKind) => Uint8Array,
  handlesEach: 0 | 1,
): SocketStory {
  return {
    firstId,
    frames: frames.slice(0, STORY_FRAMES_MAX).map(({ bytes, descriptors }) => {
      const message = bytes.subarray(socketFraming.headerBytes);
      const beside = handlesEach === 0 ? [] : descriptors;
      return {
        bytes: mojoFrame(withObjects(message, descriptors.map(write), handlesEach), {
          handleCount: beside.length,
        }),
        descriptors: beside,
      };
    }),
  };
}

/** Frames over pipes; `numbers` are what forged objects name as handles. */
export function pipeFraming(numbers: readonly bigint[]): Framing {
  const handles: Bend = (frame, random) => [{ ...frame, bytes: forged(frame, numbers, random) }];
  return { ...mojoFraming, own: { ...mojoFraming.own, handles } };
}

/** In an object's bytes: how long its header is, its type, how many handles, whose, and the first. */
const headerAt = { bytes: 0, type: 4, count: 8, owner: 12, first: 16 } as const;
/** As numbers of the sender's: what it has by them must stay, or it could not go on. */
const NO_HANDLES = [0n, 6n, 4_096_000n, 0x1_0000_0004n, 2n ** 64n - 1n, 2n ** 64n - 2n];
const LIES = [0, 1, 2, 3, 4, 5, 6, 8, 16, 24, 0x7fff_ffff, 0xffff_ffff];

function forged(
  { bytes }: SocketFrame,
  numbers: readonly bigint[],
  random: SeededRandom,
): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const message = copy.subarray(mojoFraming.headerBytes);
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const place = pick(random, elementsOf(message));
  const object = place === undefined ? 0 : view.getUint32(place, true) + ARRAY_HEADER_BYTES;
  if (object === 0 || object + headerAt.first + 8 > message.length) return copy;
  const choice = random.below(6);
  if (choice < 2) {
    view.setBigUint64(object + headerAt.first, pick(random, numbers) ?? 0n, true);
    view.setUint32(object + headerAt.owner, 1, true);
  } else if (choice === 2) {
    view.setBigUint64(object + headerAt.first, pick(random, NO_HANDLES) ?? 0n, true);
  } else {
    const at = pick(random, [headerAt.bytes, headerAt.type, headerAt.count, headerAt.owner]) ?? 0;
    view.setUint32(object + at, pick(random, LIES) ?? 0, true);
  }
  return copy;
}
