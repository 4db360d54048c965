/**
 * Objects with something inside: maps, dates, errors, buffers and the like.
 */
import { Buffer } from "node:buffer";
import { getter, type Kind } from "./classify.ts";
import type { MessageOut } from "./contract.ts";
import { cannotClone, dataCloneError } from "./data-clone-error.ts";
import { errorNames, ErrorPart, Tag } from "./format.ts";
import {
  elementBytes,
  isDetached,
  isOutOfBounds,
  isResizable,
  tracksLength,
  viewIndexOf,
} from "./views.ts";

/** What the language's own functions read, whatever an object's properties say. */
const regExpSource = getter(RegExp.prototype, "source");
const regExpFlags = getter(RegExp.prototype, "flags");
/* oxlint-disable typescript/unbound-method -- they are called with objects of their own */
const { getTime } = Date.prototype;
const forEachEntry = Map.prototype.forEach;
const forEachMember = Set.prototype.forEach;
const { slice } = Blob.prototype;
const valuesOf: readonly ((this: unknown) => unknown)[] = [
  Boolean.prototype.valueOf,
  Number.prototype.valueOf,
  BigInt.prototype.valueOf,
  String.prototype.valueOf,
];
/* oxlint-enable typescript/unbound-method */

/** Writes what is neither an ordinary object nor an array; its index has been taken. */
export function writePlatformObject(
  writer: MessageOut,
  kind: Exclude<Kind, "object" | "array" | "transfer" | "refuse">,
  value: object,
): void {
  const { out } = writer;
  switch (kind) {
    case "map":
      writeMap(writer, value as Map<unknown, unknown>);
      return;
    case "set":
      writeSet(writer, value as Set<unknown>);
      return;
    case "date":
      out.byte(Tag.date);
      out.double(getTime.call(value as Date));
      return;
    case "regexp":
      out.byte(Tag.regexp);
      writer.text(regExpSource.call(value) as string);
      writer.text(regExpFlags.call(value) as string);
      return;
    case "boxed":
      out.byte(Tag.boxed);
      writer.write(unbox(value));
      return;
    case "error":
      writeError(writer, value as Error);
      return;
    case "domException":
      writeDOMException(writer, value as DOMException);
      return;
    case "arrayBuffer":
      writeBuffer(writer, value as ArrayBuffer);
      return;
    case "view":
      writeView(writer, value as ArrayBufferView);
      return;
    case "blob":
      writeBlob(writer, value as Blob);
      return;
  }
}

function writeMap(writer: MessageOut, map: Map<unknown, unknown>): void {
  // Copied first: a getter may change the map while its values are written.
  const entries: unknown[] = [];
  forEachEntry.call(map, (value, key) => entries.push(key, value));
  writer.out.byte(Tag.map);
  writer.out.varint(entries.length / 2);
  for (const entry of entries) writer.write(entry);
}

function writeSet(writer: MessageOut, set: Set<unknown>): void {
  const members: unknown[] = [];
  forEachMember.call(set, (member) => members.push(member));
  writer.out.byte(Tag.set);
  writer.out.varint(members.length);
  for (const member of members) writer.write(member);
}

/** The primitive in a Boolean, Number, BigInt or String object. */
function unbox(value: object): unknown {
  for (const valueOf of valuesOf) {
    try {
      return valueOf.call(value);
    } catch {
      // One of the others.
    }
  }
  throw cannotClone(value);
}

/** The class, message, stack and cause; other properties stay behind, as they do on Node's own channel. */
function writeError(writer: MessageOut, error: Error): void {
  const name = errorNames.findIndex((known) => known === error.name);
  const message = Object.getOwnPropertyDescriptor(error, "message");
  const hasMessage = message !== undefined && "value" in message;
  const { stack } = error;
  const hasStack = typeof stack === "string";
  const hasCause = Object.hasOwn(error, "cause");
  writer.out.byte(Tag.error);
  writer.out.byte(Math.max(0, name));
  writer.out.byte(
    (hasMessage ? ErrorPart.message : 0) |
      (hasStack ? ErrorPart.stack : 0) |
      (hasCause ? ErrorPart.cause : 0),
  );
  if (hasMessage) writer.text(String(message.value));
  if (hasStack) writer.text(stack);
  if (hasCause) writer.write(error.cause);
}

function writeDOMException(writer: MessageOut, error: DOMException): void {
  writer.out.byte(Tag.domException);
  writer.text(error.message);
  writer.text(error.name);
  writer.text(error.stack ?? "");
}

function writeBuffer(writer: MessageOut, buffer: ArrayBuffer): void {
  if (isDetached(buffer))
    throw dataCloneError("An ArrayBuffer is detached and could not be cloned.");
  const { out } = writer;
  if (isResizable(buffer)) {
    writer.reservedBytes += buffer.maxByteLength;
    if (writer.reservedBytes > writer.bounds.reservedBytesMax)
      throw dataCloneError(
        `Resizable buffers of one message may grow to ${writer.bounds.reservedBytesMax} bytes together.`,
      );
    out.byte(Tag.resizableBuffer);
    out.varint(buffer.byteLength);
    out.varint(buffer.maxByteLength);
  } else {
    out.byte(Tag.arrayBuffer);
    out.varint(buffer.byteLength);
  }
  out.bytes(new Uint8Array(buffer));
}

function writeView(writer: MessageOut, view: ArrayBufferView): void {
  const { buffer } = view;
  if (buffer instanceof SharedArrayBuffer) throw cannotClone(view);
  if (isDetached(buffer))
    throw dataCloneError("An ArrayBuffer is detached and could not be cloned.");
  if (isOutOfBounds(view)) throw cannotClone(view);
  const { out } = writer;
  out.byte(Tag.view);
  out.byte(viewIndexOf(view));
  const isPooled = Buffer.isBuffer(view) && view.byteLength < buffer.byteLength;
  if (isPooled && !writer.transferred.buffers.has(buffer)) {
    // A Buffer lies in a pool with the bytes of strangers, which are nobody's business in another process.
    out.varint(0);
    out.varint(view.byteLength + 1);
    writer.write(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    return;
  }
  out.varint(view.byteOffset);
  out.varint(tracksLength(view) ? 0 : view.byteLength / elementBytes(view) + 1);
  writer.write(buffer);
}

/** Its bytes are left open; they can only be waited for. */
function writeBlob(writer: MessageOut, blob: Blob): void {
  const { out } = writer;
  // The bytes as they are now, whatever class the blob is of.
  const { size } = blob;
  if (typeof File === "function" && blob instanceof File) {
    out.byte(Tag.file);
    writer.text(blob.name);
    writer.text(blob.type);
    out.double(blob.lastModified);
  } else {
    out.byte(Tag.blob);
    writer.text(blob.type);
  }
  out.varint(size);
  if (size > 0) writer.blobs.push({ blob: slice.call(blob), chunk: out.gap(size) });
}
