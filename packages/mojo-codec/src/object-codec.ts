/**
 * Objects into bytes and back: a header, and a body by type.
 */
import {
  objectBodyBytes,
  readDataPipe,
  readMemory,
  readPlatformHandle,
  readTransport,
  writeDataPipe,
  writeMemory,
  writePlatformHandle,
  writeTransport,
} from "./object-bodies.ts";
import {
  objectHeaderBytes,
  ObjectType,
  readObjectHeader,
  writeObjectHeader,
  type HandlePlacement,
  type InlineHandles,
} from "./object-header.ts";
import type { ObjectDescription } from "./objects.ts";

const types = {
  transport: ObjectType.transport,
  memory: ObjectType.sharedBuffer,
  "platform-handle": ObjectType.platformHandle,
  "data-pipe": ObjectType.dataPipe,
} as const satisfies Record<ObjectDescription["kind"], ObjectType>;

/** An object, read. */
export interface ReadObject {
  readonly object: ObjectDescription;
  /** Null where handles are beside the message. */
  readonly handles: InlineHandles | null;
}

/** Bytes of a serialized object; `handles` are null where they are beside the message. */
export function objectBytes(object: ObjectDescription, handles: InlineHandles | null): number {
  return objectHeaderBytes(handles) + objectBodyBytes(object);
}

/** Writes an object at the start of `data`, which has room for its {@link objectBytes}. */
export function writeObject(
  data: Uint8Array,
  object: ObjectDescription,
  handles: InlineHandles | null,
): void {
  const whole = new DataView(data.buffer, data.byteOffset, objectBytes(object, handles));
  const bodyStart = writeObjectHeader(whole, types[object.kind], handles);
  const body = new DataView(data.buffer, data.byteOffset + bodyStart, objectBodyBytes(object));
  switch (object.kind) {
    case "transport":
      writeTransport(body, object);
      return;
    case "memory":
      writeMemory(body, object);
      return;
    case "platform-handle":
      writePlatformHandle(body);
      return;
    case "data-pipe":
      writeDataPipe(body, object);
  }
}

/** Reads an object from the first `numBytes` of `data`; null when they describe none. */
export function readObject(
  data: Uint8Array,
  numBytes: number,
  placement: HandlePlacement,
): ReadObject | null {
  const whole = new DataView(data.buffer, data.byteOffset, numBytes);
  const header = readObjectHeader(whole, placement);
  if (header === null) return null;
  const { bodyStart, handles, type } = header;
  const body = new DataView(data.buffer, data.byteOffset + bodyStart, numBytes - bodyStart);
  const object = readBody(type, body);
  return object && { object, handles };
}

/** Types that never travel, and those that we do not know, are no objects. */
function readBody(type: number, body: DataView): ObjectDescription | null {
  if (type === ObjectType.transport) return readTransport(body);
  if (type === ObjectType.sharedBuffer) return readMemory(body);
  if (type === ObjectType.platformHandle) return readPlatformHandle(body);
  return type === ObjectType.dataPipe ? readDataPipe(body) : null;
}
