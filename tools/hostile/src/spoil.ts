/**
 * One thing wrong with a message: a field, a size, an array, an object, a byte. Fields are absent, zero, all ones, one
 * past what they were, or random.
 */
import { FIELD_BYTES } from "@ipcz/core/wire";
import type { SeededRandom } from "@ipcz/driver-mem";
import type { Composed, ObjectKind } from "./compose.ts";
import { pick } from "./knowledge.ts";

/** What is sent: bytes, and objects that need not match them. */
export interface Shot {
  bytes: Uint8Array;
  objects: readonly ObjectKind[];
}

const WORDS = [0, 1, 7, 8, 9, 12, 16, 24, 64, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function setWord(bytes: Uint8Array, at: number, random: SeededRandom): void {
  if (at + 4 > bytes.length) return;
  const view = viewOf(bytes);
  const was = view.getUint32(at, true);
  const near = random.chance(0.5) ? was + random.below(17) - 8 : (pick(random, WORDS) ?? 0);
  view.setUint32(at, near >>> 0, true);
}

function step(bytes: Uint8Array, at: number, width: number, by: number): void {
  for (let i = at; i < at + width && i < bytes.length; i++) {
    const value = (bytes[i] ?? 0) + by;
    bytes[i] = value & 0xff;
    if (value >= 0 && value <= 0xff) return;
  }
}

function spoilField(message: Composed, bytes: Uint8Array, random: SeededRandom): void {
  const field = pick(random, message.fields);
  if (!field) return;
  const at = field.offset;
  const width = Math.max(1, FIELD_BYTES[field.kind]);
  const choice = random.below(7);
  if (choice === 0) bytes.fill(0, at, at + width);
  else if (choice === 1) bytes.fill(0xff, at, at + width);
  else if (choice === 2) step(bytes, at, width, 1);
  else if (choice === 3) step(bytes, at, width, -1);
  else if (choice === 4) for (let i = 0; i < width; i++) bytes[at + i] = random.next() >>> 24;
  else if (choice === 5) bytes[at + width - 1] = 0x80;
  else setWord(bytes, at, random);
}

/** A struct that ends in front of one of its fields, or says it is larger than it is. */
function spoilStruct(message: Composed, bytes: Uint8Array, random: SeededRandom): void {
  const view = viewOf(bytes);
  const field = pick(random, message.fields);
  const end = pick(random, message.ends);
  const choice = random.below(4);
  if (choice === 0 && field) view.setUint32(24, (field.offset - 24) & ~7, true);
  else if (choice === 1 && end !== undefined) view.setUint32(24, end - 24, true);
  else setWord(bytes, 24, random);
}

function spoilArray(message: Composed, bytes: Uint8Array, random: SeededRandom): void {
  const array = pick(random, message.arrays);
  if (!array) return spoilField(message, bytes, random);
  const choice = random.below(4);
  if (choice === 0) setWord(bytes, array.at, random);
  else if (choice === 1) setWord(bytes, array.at + 4, random);
  else {
    const room = Math.max(1, bytes.length - array.at - 8);
    const at = array.at + 8 + random.below(room);
    if (random.chance(0.5)) setWord(bytes, at & ~3, random);
    else bytes[at] = random.next() >>> 24;
  }
}

function spoilObjects(shot: Shot, message: Composed, random: SeededRandom): void {
  const objects = [...message.objects];
  const choice = random.below(5);
  if (choice === 0) objects.pop();
  else if (choice === 1) objects.push(random.chance(0.5) ? "transport" : 64);
  else if (choice === 2 && objects.length > 0)
    objects[random.below(objects.length)] = objects[0] === "transport" ? 4096 : "transport";
  else if (choice === 3 && objects.length > 0)
    objects[random.below(objects.length)] = 1 + random.below(200_000);
  else if (message.objectsAt > 0)
    setWord(shot.bytes, message.objectsAt + 8 + 4 * random.below(2), random);
  else setWord(shot.bytes, 16, random);
  shot.objects = objects;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Random bytes all over `bytes`. */
export function fillRandom(bytes: Uint8Array, random: SeededRandom): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.next() >>> 24;
}

/** Bytes changed, put in, taken out or doubled, anywhere. */
export function spoilBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  const count = 1 + random.below(16);
  switch (random.below(6)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(at + count));
    case 2: {
      const more = new Uint8Array(count);
      fillRandom(more, random);
      return concat(bytes.subarray(0, at), more, bytes.subarray(at));
    }
    case 3:
      return concat(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - count)));
    default: {
      const changed = Uint8Array.from(bytes);
      for (let i = 0; i < 1 + random.below(6); i++) {
        const bit = random.below(Math.max(1, bytes.length * 8));
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      }
      return changed;
    }
  }
}

/** `message` with one thing wrong, sometimes two. */
export function spoil(message: Composed, random: SeededRandom): Shot {
  const shot: Shot = { bytes: Uint8Array.from(message.bytes), objects: message.objects };
  const times = random.chance(0.2) ? 2 : 1;
  for (let i = 0; i < times; i++) {
    const choice = random.below(20);
    if (choice < 8) spoilField(message, shot.bytes, random);
    else if (choice < 11) spoilStruct(message, shot.bytes, random);
    else if (choice < 14) spoilArray(message, shot.bytes, random);
    else if (choice < 16) spoilObjects(shot, message, random);
    else if (choice < 17) setWord(shot.bytes, 4 * random.below(6), random);
    else if (i === times - 1) shot.bytes = spoilBytes(shot.bytes, random);
  }
  return shot;
}
