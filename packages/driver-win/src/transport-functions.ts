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
  lifeFunctions,
  pairFunctions,
  type BadTransportActivity,
  type LifeFunctions,
} from "@ipcz/driver-base";
import { localEnds, PipeEnd } from "./end.ts";
import { resultOf } from "./os-error.ts";
import { headerBytes } from "./outbox.ts";
import type { DriverParts } from "./parts.ts";
import { createPipePair } from "./pipe-pair.ts";
import { introducedRelation, ownRelation } from "./relation.ts";
import type { PipeTransport } from "./transport.ts";

const noBytes = new Uint8Array(0);

type TransportFunctions = Pick<IpczDriver, "CreateTransports" | "Transmit"> & LifeFunctions;

/** The functions over one driver's parts. */
export function transportFunctions(
  parts: DriverParts,
  badActivity: BadTransportActivity | null,
): TransportFunctions {
  const { objects } = parts;
  return {
    ...pairFunctions<PipeTransport>({
      transport: (handle) => objects.transport(handle),
      add: (transport) => objects.add(transport),
      createPair: (first, second) => createPair(parts, first, second),
      resultOf,
    }),
    ...lifeFunctions(objects, badActivity),
    Transmit: (handle, data, numBytes, handles, numHandles) =>
      transmit(parts, handle, data ?? noBytes, numBytes, (handles ?? []).slice(0, numHandles)),
  };
}

function createPair(
  parts: DriverParts,
  first: PipeTransport | null,
  second: PipeTransport | null,
): [PipeTransport, PipeTransport] | number {
  const pair = createPipePair(parts.system);
  if (typeof pair === "number") return pair;
  const ends = endsBetween(parts, first, second);
  return [parts.createTransport(pair[0], ends[0]), parts.createTransport(pair[1], ends[1])];
}

/** The ends of a pair that will go to the nodes behind two transports; where there is none, to this process. */
function endsBetween(
  { system }: DriverParts,
  first: PipeTransport | null,
  second: PipeTransport | null,
): [PipeEnd, PipeEnd] {
  if (!first && !second) return localEnds(system.pid);
  const one = first?.end.relation ?? ownRelation(system.pid);
  const other = second?.end.relation ?? ownRelation(system.pid);
  return PipeEnd.pair(introducedRelation(one, other), introducedRelation(other, one));
}

function transmit(
  { objects, settings }: DriverParts,
  handle: IpczDriverHandle,
  data: Uint8Array,
  numBytes: number,
  handles: readonly IpczDriverHandle[],
): IpczResult {
  const transport = objects.transport(handle);
  // No object of this driver goes beside a message; what is given is ours all the same.
  for (const each of handles) objects.take(each)?.close();
  const isRange = numBytes >= 0 && numBytes <= data.length;
  if (!transport || handles.length > 0 || !isRange) return IPCZ_RESULT_INVALID_ARGUMENT;
  const isTooMuch =
    headerBytes + numBytes > settings.frameBytesMax || transport.backlog > settings.backlogBytesMax;
  if (isTooMuch) {
    transport.breakOff();
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  try {
    transport.transmit(data, numBytes);
  } catch {
    transport.breakOff();
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  return IPCZ_RESULT_OK;
}
