/**
 * What follows the header of an object, by type (spec: mojo 2.2). Lengths are those of today; a body that says it is
 * longer is read as far as it is known.
 */
import type {
  DataPipeDescription,
  EndpointType,
  MemoryAccess,
  MemoryDescription,
  ObjectDescription,
  PlatformHandleDescription,
  TransportDescription,
} from "./objects.ts";

/** Largest memory that can be described: a signed 32-bit number for the receiver. */
export const memoryBytesMax: number = 2 ** 31 - 1;

const guidBytes = 16;
const bodyBytes = {
  transport: 8,
  memory: 32,
  "platform-handle": 8,
  "data-pipe": 24 + 32,
} as const satisfies Record<ObjectDescription["kind"], number>;

const transportAt = { destination: 0, sameProcess: 4, trusted: 5, trustedByPeer: 6 } as const;
const memoryAt = { bytes: 0, numBytes: 4, access: 8, guid: 16 } as const;
const handleAt = { bytes: 0, form: 4 } as const;
const pipeAt = { bytes: 0, end: 4, elementBytes: 8, offset: 16, readableBytes: 20 } as const;
const pipeBytes = 24;

const endpointTypes: readonly EndpointType[] = ["broker", "non-broker"];
const accesses: readonly MemoryAccess[] = ["read-only", "writable", "unsafe"];
const pipeEnds: readonly DataPipeDescription["end"][] = ["producer", "consumer"];

/** Bytes of an object's body. */
export function objectBodyBytes({ kind }: ObjectDescription): number {
  return bodyBytes[kind];
}

/** Writes a transport's body into `view`, which has room for it. */
export function writeTransport(view: DataView, transport: TransportDescription): void {
  view.setUint32(transportAt.destination, endpointTypes.indexOf(transport.destination), true);
  view.setUint8(transportAt.sameProcess, Number(transport.isSameRemoteProcess));
  view.setUint8(transportAt.trusted, Number(transport.isPeerTrusted));
  view.setUint8(transportAt.trustedByPeer, Number(transport.isTrustedByPeer));
  view.setUint8(transportAt.trustedByPeer + 1, 0);
}

/** Null unless the bytes are a transport. */
export function readTransport(view: DataView): TransportDescription | null {
  if (view.byteLength < bodyBytes.transport) return null;
  const destination = endpointTypes[view.getUint32(transportAt.destination, true)];
  if (destination === undefined) return null;
  return {
    kind: "transport",
    destination,
    isSameRemoteProcess: view.getUint8(transportAt.sameProcess) !== 0,
    isPeerTrusted: view.getUint8(transportAt.trusted) !== 0,
    isTrustedByPeer: view.getUint8(transportAt.trustedByPeer) !== 0,
  };
}

/** Writes memory's body into `view`; throws when nobody has named the memory. */
export function writeMemory(view: DataView, { numBytes, access, guid }: MemoryDescription): void {
  if (guid?.length !== guidBytes) throw new RangeError("memory travels under a name of 16 bytes");
  view.setUint32(memoryAt.bytes, bodyBytes.memory, true);
  view.setUint32(memoryAt.numBytes, numBytes, true);
  view.setUint32(memoryAt.access, accesses.indexOf(access), true);
  view.setUint32(memoryAt.access + 4, 0, true);
  new Uint8Array(view.buffer, view.byteOffset + memoryAt.guid, guidBytes).set(guid);
}

/** Null unless the bytes are memory that can exist. */
export function readMemory(view: DataView): MemoryDescription | null {
  if (!hasBody(view, memoryAt.bytes, bodyBytes.memory)) return null;
  const numBytes = view.getUint32(memoryAt.numBytes, true);
  const access = accesses[view.getUint32(memoryAt.access, true)];
  if (numBytes === 0 || numBytes > memoryBytesMax || access === undefined) return null;
  const start = view.byteOffset + memoryAt.guid;
  const guid = new Uint8Array(view.buffer, start, guidBytes).slice();
  return guid.some((byte) => byte !== 0) ? { kind: "memory", numBytes, access, guid } : null;
}

/** Writes the body of a handle as it is. */
export function writePlatformHandle(view: DataView): void {
  view.setUint32(handleAt.bytes, bodyBytes["platform-handle"], true);
  view.setUint32(handleAt.form, 0, true);
}

/** Null unless the bytes are a handle as it is; other forms are those of systems we do not run on. */
export function readPlatformHandle(view: DataView): PlatformHandleDescription | null {
  if (!hasBody(view, handleAt.bytes, bodyBytes["platform-handle"])) return null;
  return view.getUint32(handleAt.form, true) === 0 ? { kind: "platform-handle" } : null;
}

/** Writes the body of a data pipe's end, its ring included. */
export function writeDataPipe(view: DataView, pipe: DataPipeDescription): void {
  view.setUint32(pipeAt.bytes, pipeBytes, true);
  view.setUint32(pipeAt.end, pipeEnds.indexOf(pipe.end), true);
  view.setUint32(pipeAt.elementBytes, pipe.elementBytes, true);
  view.setUint32(pipeAt.elementBytes + 4, 0, true);
  view.setUint32(pipeAt.offset, pipe.offset, true);
  view.setUint32(pipeAt.readableBytes, pipe.readableBytes, true);
  writeMemory(sub(view, pipeBytes), pipe.buffer);
}

/** Null unless the bytes are the end of a pipe whose numbers agree with each other. */
export function readDataPipe(view: DataView): DataPipeDescription | null {
  if (!hasBody(view, pipeAt.bytes, pipeBytes)) return null;
  const end = pipeEnds[view.getUint32(pipeAt.end, true)];
  const elementBytes = view.getUint32(pipeAt.elementBytes, true);
  const offset = view.getUint32(pipeAt.offset, true);
  const readableBytes = view.getUint32(pipeAt.readableBytes, true);
  const buffer = readMemory(sub(view, view.getUint32(pipeAt.bytes, true)));
  if (end === undefined || buffer?.access !== "unsafe" || elementBytes === 0) return null;
  const capacity = buffer.numBytes;
  const fits = offset < capacity && readableBytes <= capacity;
  if (!fits || capacity % elementBytes !== 0) return null;
  return { kind: "data-pipe", end, elementBytes, offset, readableBytes, buffer };
}

/** Whether a body that begins with its own length is there, and as long as this one at least. */
function hasBody(view: DataView, lengthAt: number, bytesMin: number): boolean {
  if (view.byteLength < bytesMin) return false;
  const length = view.getUint32(lengthAt, true);
  return length >= bytesMin && length <= view.byteLength && length % 8 === 0;
}

function sub(view: DataView, start: number): DataView {
  return new DataView(view.buffer, view.byteOffset + start, view.byteLength - start);
}
