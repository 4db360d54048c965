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

function transmit(
  parts: DriverParts,
  handle: IpczDriverHandle,
  data: Uint8Array | null,
  numBytes: number,
  handles: readonly IpczDriverHandle[] | null,
  numHandles: number,
): IpczResult {
  const { objects, codec, settings } = parts;
  const transport = objects.transport(handle);
  // The handles are ours, whatever becomes of the message.
  const descriptors =
    numHandles === 0 ? noDescriptors : objects.takeDescriptors(handles, numHandles);
  const bytes = data ?? noBytes;
  const isRange = numBytes >= 0 && numBytes <= bytes.length;
  if (!transport || !descriptors || !isRange) {
    closeAll(descriptors ?? noDescriptors);
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const frameBytes = codec.headerBytes + numBytes;
  const isTooMuch =
    descriptors.length > codec.descriptorsMax ||
    frameBytes > settings.frameBytesMax ||
    transport.backlog > settings.backlogBytesMax;
  if (isTooMuch) {
    closeAll(descriptors);
    transport.breakOff();
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  transport.transmit(bytes, numBytes, descriptors);
  return IPCZ_RESULT_OK;
}
