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
  type BadTransportActivity,
  type LifeFunctions,
} from "@ipcz/driver-base";
import { closeAll, noDescriptors } from "./fd.ts";
import { resultOf } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { createSocketPair } from "./socket-pair.ts";

const noBytes = new Uint8Array(0);

type TransportFunctions = Pick<IpczDriver, "CreateTransports" | "Transmit"> & LifeFunctions;

/** The functions over one driver's parts. */
export function transportFunctions(
  parts: DriverParts,
  badActivity: BadTransportActivity | null,
): TransportFunctions {
  const { objects } = parts;
  return {
    CreateTransports: (context0, context1, _flags, _options, transport0, transport1) => {
      const known0 = objects.transport(context0);
      const known1 = objects.transport(context1);
      const isUnknown = (context0 !== 0 && !known0) || (context1 !== 0 && !known1);
      if (isUnknown) return IPCZ_RESULT_INVALID_ARGUMENT;
      const peer0 = introducedPeer(known0?.peer ?? null, known1?.peer ?? null);
      const peer1 = introducedPeer(known1?.peer ?? null, known0?.peer ?? null);
      const pair = createSocketPair(parts.system, parts.settings.socketBufferBytes);
      if (typeof pair === "number") return resultOf(pair);
      transport0.value = objects.add(parts.createTransport(pair[0], peer0));
      transport1.value = objects.add(parts.createTransport(pair[1], peer1));
      return IPCZ_RESULT_OK;
    },
    ...lifeFunctions(objects, badActivity),
    Transmit: (handle, data, numBytes, handles, numHandles) =>
      transmit(parts, handle, data, numBytes, handles, numHandles),
  };
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
