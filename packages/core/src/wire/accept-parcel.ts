/**
 * AcceptParcel by hand: the message that every parcel is, for parcels without attachments.
 *
 * Offsets are numbers here, one DataView for many messages takes the place of bytes.ts, and nothing is made for a
 * message (measured on Node 20: by the schema, reading takes 700 ns). A test holds writer and reader against
 * encodeMessage and decodeParams, on captured and on random messages; parcels with attachments go through those.
 */
import { assert } from "../base/assert.ts";
import { KeptWords } from "../base/kept-words.ts";
import type { SequenceNumber } from "../base/sequence.ts";
import { roundUp8, SMALL_MAX, UNREPRESENTABLE } from "./bytes.ts";
import type { FragmentDescriptor } from "./descriptors.ts";
import { HEADER_BYTES } from "./header.ts";
import { type BufferId, FOLDED_HIGH_BIT, NO_BUFFER, NO_SUBLINK, type SublinkId } from "./ids.ts";
import { AcceptParcel } from "./messages/parcel.ts";
import { KeptView } from "./kept-view.ts";

/** Bytes of the message when its data is in shared memory, or empty. */
export const ACCEPT_PARCEL_BYTES = 96;
/** Where inline data starts. */
export const PARCEL_DATA_OFFSET = 104;

/** Larger buffers are read by decodeParams, for which it does not matter: they hold large parcels. */
const READ_BYTES_MAX = hasLittleEndianWords() ? 1024 * 1024 : -1;
const STRUCT_BYTES = 72;
/** Size, version 0 and message id, in one word. */
const HEADER_START = HEADER_BYTES | (AcceptParcel.id << 16);
const read = new KeptWords(READ_BYTES_MAX);
const written = new KeptView();
const WORD = 2 ** 32;
const ALL_ONES = 0xffff_ffff;
/** First upper half of a 64-bit number that core cannot represent. */
const HIGH_END = FOLDED_HIGH_BIT / WORD;

/** Bytes of a message with `dataLength` bytes of inline data. */
export function acceptParcelBytes(dataLength: number): number {
  return dataLength === 0 ? ACCEPT_PARCEL_BYTES : roundUp8(PARCEL_DATA_OFFSET + dataLength);
}

/**
 * Writes an AcceptParcel without attachments to the start of `target`, whatever was there, and answers its bytes. What
 * is left to the caller: `dataLength` bytes of data at PARCEL_DATA_OFFSET, and the number of the message.
 */
export function writeAcceptParcel(
  target: Uint8Array,
  sublink: SublinkId,
  sequenceNumber: SequenceNumber,
  subparcelIndex: number,
  numSubparcels: number,
  fragment: FragmentDescriptor,
  dataLength: number,
): number {
  const numBytes = acceptParcelBytes(dataLength);
  assert(numBytes <= target.length, "the buffer holds the whole message");
  assert(numBytes < WORD, "a message we send has 32-bit offsets");
  const view = written.show(target);
  const { start } = written;
  view.setUint32(start, HEADER_START, true);
  for (let at = 4; at < HEADER_BYTES; at += 4) view.setUint32(start + at, 0, true);
  view.setUint32(start + 24, STRUCT_BYTES, true);
  view.setUint32(start + 28, 0, true);
  setId(view, start + 32, sublink);
  setNumber(view, start + 40, sequenceNumber);
  view.setUint32(start + 48, subparcelIndex, true);
  view.setUint32(start + 52, numSubparcels, true);
  setFragment(view, start + 56, fragment);
  for (let at = 72; at < ACCEPT_PARCEL_BYTES; at += 4) view.setUint32(start + at, 0, true);
  if (dataLength > 0) {
    view.setUint32(start + 72, ACCEPT_PARCEL_BYTES, true);
    view.setUint32(start + ACCEPT_PARCEL_BYTES, numBytes - ACCEPT_PARCEL_BYTES, true);
    view.setUint32(start + ACCEPT_PARCEL_BYTES + 4, dataLength, true);
    for (let at = PARCEL_DATA_OFFSET + dataLength; at < numBytes; at++) target[at] = 0;
  }
  return numBytes;
}

/** Gives the AcceptParcel at the start of `target` another number, and changes nothing else of it. */
export function setParcelNumber(target: Uint8Array, sequenceNumber: SequenceNumber): void {
  const view = written.show(target);
  setNumber(view, written.start + 40, sequenceNumber);
}

/** Writes a small number, as nearly all are; false, and nothing written, for any other. */
function setSmall(view: DataView, at: number, value: number): boolean {
  if (value < 0 || value > SMALL_MAX) return false;
  view.setUint32(at, value, true);
  view.setUint32(at + 4, 0, true);
  return true;
}

function setNumber(view: DataView, at: number, sequenceNumber: SequenceNumber): void {
  if (setSmall(view, at, sequenceNumber)) return;
  assert(sequenceNumber >= 0 && sequenceNumber < FOLDED_HIGH_BIT, "a number we send fits the wire");
  view.setUint32(at, sequenceNumber, true);
  view.setUint32(at + 4, sequenceNumber / WORD, true);
}

function setFragment(view: DataView, at: number, fragment: FragmentDescriptor): void {
  if (fragment.bufferId === NO_BUFFER) {
    view.setUint32(at, ALL_ONES, true);
    view.setUint32(at + 4, ALL_ONES, true);
    view.setUint32(at + 8, 0, true);
    view.setUint32(at + 12, 0, true);
    return;
  }
  setId(view, at, fragment.bufferId);
  view.setUint32(at + 8, fragment.offset, true);
  view.setUint32(at + 12, fragment.size, true);
}

function setId(view: DataView, at: number, id: number): void {
  if (setSmall(view, at, id)) return;
  assert(id >= 0 && id < FOLDED_HIGH_BIT * 2, "an id we send fits the wire");
  const rest = id < FOLDED_HIGH_BIT ? id : id - FOLDED_HIGH_BIT;
  view.setUint32(at, rest, true);
  view.setUint32(at + 4, Math.floor(rest / WORD) + (rest === id ? 0 : 2 ** 31), true);
}

/** What a message says of a parcel that came in one part with nothing attached; made once, and read into many times. */
export class PlainParcel {
  sublink: SublinkId = NO_SUBLINK;
  sequenceNumber: SequenceNumber = 0;
  /** NO_BUFFER: the data is in the message. */
  bufferId: BufferId = NO_BUFFER;
  fragmentOffset = 0;
  fragmentSize = 0;
  /** Where the data starts in the buffer that holds the message, and how long it is. */
  dataStart = 0;
  dataLength = 0;
}

/**
 * Reads the message in the `numBytes` bytes from `start` if it is an AcceptParcel of one part without attachments, laid
 * out as we write it, at a multiple of 4: then `into` says what decodeParams would. False, and `into` is of no use, for
 * everything else, sound or not: decodeParams knows.
 *
 * Word by word out of one array, since what V8 compiles into one piece is bounded by how much code it is.
 */
export function readPlainParcel(
  bytes: Uint8Array,
  start: number,
  numBytes: number,
  into: PlainParcel,
): boolean {
  const words = read.of(bytes);
  if (words === null || numBytes < ACCEPT_PARCEL_BYTES || (start & 3) !== 0) return false;
  const at = start >> 2;
  if (!isPlain(words, at)) return false;
  const dataLength = words[at + 18] === 0 ? 0 : readDataLength(words, at, numBytes);
  into.dataStart = start + PARCEL_DATA_OFFSET;
  into.dataLength = dataLength;
  return dataLength >= 0 && readIds(words, at, into);
}

/**
 * Header and struct of the size we write; one part; no handle types, no new routers, no driver objects. `at`, here and
 * below, counts words of four bytes.
 */
function isPlain(words: Int32Array, at: number): boolean {
  return (
    (words[at]! & 0x00ff_ffff) === HEADER_START &&
    words[at + 6] === STRUCT_BYTES &&
    words[at + 13] === 1 &&
    (words[at + 4]! |
      words[at + 12]! |
      words[at + 19]! |
      words[at + 20]! |
      words[at + 22]! |
      words[at + 23]!) ===
      0
  );
}

/** Of the array of bytes, which is where we write it; -1: it is not there, or not sound. */
function readDataLength(words: Int32Array, at: number, numBytes: number): number {
  const room = numBytes - ACCEPT_PARCEL_BYTES;
  if (room < 8 || words[at + 18] !== ACCEPT_PARCEL_BYTES) return -1;
  const arrayBytes = words[at + 24]!;
  const count = words[at + 25]!;
  return arrayBytes <= room && count <= arrayBytes - 8 ? count : -1;
}

/** Sublink, number and fragment; small numbers and no fragment are what nearly all parcels have. */
function readIds(words: Int32Array, at: number, into: PlainParcel): boolean {
  const sublink = words[at + 8]!;
  const sequenceNumber = words[at + 10]!;
  const areSmall = (words[at + 9]! | words[at + 11]!) === 0 && (sublink | sequenceNumber) >= 0;
  if (!areSmall || !hasNoFragment(words, at)) return readAnyIds(words, at, into);
  into.sublink = sublink as SublinkId;
  into.sequenceNumber = sequenceNumber;
  into.bufferId = NO_BUFFER;
  return true;
}

function readAnyIds(words: Int32Array, at: number, into: PlainParcel): boolean {
  const sublink = getId(words, at + 8);
  const sequenceNumber = getNumber(words, at + 10);
  into.sublink = sublink as SublinkId;
  into.sequenceNumber = sequenceNumber;
  into.bufferId = NO_BUFFER;
  if (sublink === UNREPRESENTABLE || sequenceNumber === UNREPRESENTABLE) return false;
  if (hasNoFragment(words, at)) return true;
  const bufferId = getId(words, at + 14);
  into.bufferId = bufferId as BufferId;
  into.fragmentOffset = words[at + 16]! >>> 0;
  into.fragmentSize = words[at + 17]! >>> 0;
  return bufferId !== UNREPRESENTABLE;
}

function hasNoFragment(words: Int32Array, at: number): boolean {
  return (words[at + 14]! & words[at + 15]!) === -1;
}

/** A small number, as an integer; below 0 for any other. */
function getSmall(words: Int32Array, at: number): number {
  return words[at + 1] === 0 ? words[at]! : -1;
}

function getNumber(words: Int32Array, at: number): SequenceNumber {
  const small = getSmall(words, at);
  return small >= 0 ? small : getLargeNumber(words, at);
}

function getLargeNumber(words: Int32Array, at: number): SequenceNumber {
  const high = words[at + 1]! >>> 0;
  return high < HIGH_END ? high * WORD + (words[at]! >>> 0) : UNREPRESENTABLE;
}

function getId(words: Int32Array, at: number): number {
  const small = getSmall(words, at);
  return small >= 0 ? small : getLargeId(words, at);
}

function getLargeId(words: Int32Array, at: number): number {
  const high = words[at + 1]! >>> 0;
  const rest = high & 0x7fff_ffff;
  if (rest >= HIGH_END) return UNREPRESENTABLE;
  const id = rest * WORD + (words[at]! >>> 0);
  return rest === high ? id : id + FOLDED_HIGH_BIT;
}

/** Words of this machine are those of the wire. Otherwise no buffer has any. */
function hasLittleEndianWords(): boolean {
  return new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
}
