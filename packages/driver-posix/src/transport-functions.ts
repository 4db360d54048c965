/**
 * The driver's functions about transports, as `IpczDriver` has them.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import {
  introducedPeer,
  lifeFunctions,
  pairFunctions,
  type BadTransportActivity,
  type LifeFunctions,
} from "@ipcz/driver-base";
import type { TransportPeer } from "@ipcz/mojo-codec";
import { closeAll, noDescriptors } from "./fd.ts";
import { resultOf } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { createSocketPair } from "./socket-pair.ts";
import type { SocketTransport } from "./transport.ts";

const noBytes = new Uint8Array(0);

type TransportFunctions = Pick<IpczDriver, "CreateTransports" | "Transmit"> & LifeFunctions;

/** The functions over one driver's parts. */
export function transportFunctions(
  parts: DriverParts,
  badActivity: BadTransportActivity | null,
): TransportFunctions {
  const { objects } = parts;
  return {
    ...pairFunctions<SocketTransport>({
      transport: (handle) => objects.transport(handle),
      add: (transport) => objects.add(transport),
      createPair: (first, second) => createPair(parts, first?.peer ?? null, second?.peer ?? null),
      resultOf,
    }),
    ...lifeFunctions(objects, badActivity),
    Transmit: (handle, data, numBytes, handles, numHandles) =>
      transmit(parts, handle, data, numBytes, handles, numHandles),
  };
}

/** `first` and `second` are the peers of the transports to which the new ones will go, if any. */
function createPair(
  parts: DriverParts,
  first: TransportPeer | null,
  second: TransportPeer | null,
): [SocketTransport, SocketTransport] | number {
  const pair = createSocketPair(parts.system, parts.settings.socketBufferBytes);
  if (typeof pair === "number") return pair;
  return [
    parts.createTransport(pair[0], introducedPeer(first, second)),
    parts.createTransport(pair[1], introducedPeer(second, first)),
  ];
}

/** Without handles, as most messages are: small enough for V8 to compile it into one piece with what it calls. */
function transmit(
  parts: DriverParts,
  handle: IpczDriverHandle,
  data: Uint8Array | null,
  numBytes: number,
  handles: readonly IpczDriverHandle[] | null,
  numHandles: number,
): IpczResult {
  const transport = parts.objects.transport(handle);
  const bytes = data ?? noBytes;
  if (numHandles !== 0) return transmitWith(parts, transport, bytes, numBytes, handles, numHandles);
  if (!transport || !isRange(bytes, numBytes)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (isTooMuch(parts, transport, numBytes)) return breakOff(transport);
  transport.transmit(bytes, numBytes, noDescriptors);
  return IPCZ_RESULT_OK;
}

/** The handles are ours, whatever becomes of the message. */
function transmitWith(
  parts: DriverParts,
  transport: SocketTransport | null,
  bytes: Uint8Array,
  numBytes: number,
  handles: readonly IpczDriverHandle[] | null,
  numHandles: number,
): IpczResult {
  const descriptors = parts.objects.takeDescriptors(handles, numHandles);
  if (!transport || !descriptors || !isRange(bytes, numBytes)) {
    closeAll(descriptors ?? noDescriptors);
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const isFull = descriptors.length > parts.codec.descriptorsMax;
  if (isFull || isTooMuch(parts, transport, numBytes)) {
    closeAll(descriptors);
    return breakOff(transport);
  }
  transport.transmit(bytes, numBytes, descriptors);
  return IPCZ_RESULT_OK;
}

function isRange(bytes: Uint8Array, numBytes: number): boolean {
  return numBytes >= 0 && numBytes <= bytes.length;
}

function isTooMuch(
  { codec, settings }: DriverParts,
  transport: SocketTransport,
  numBytes: number,
): boolean {
  const frameBytes = codec.headerBytes + numBytes;
  return frameBytes > settings.frameBytesMax || transport.backlog > settings.backlogBytesMax;
}

function breakOff(transport: SocketTransport): IpczResult {
  transport.breakOff();
  return IPCZ_RESULT_RESOURCE_EXHAUSTED;
}
