/**
 * Objects as bytes and handles, and back.
 *
 * In one process an object passes by reference: it needs no bytes and one handle. A world may ask for bytes all the
 * same (the first says the kind, the others are zero), so that what carries them is tested; or have objects refused
 * between two non-brokers, so that relaying is (spec: wire 6.2).
 */
import {
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { discard, type MemObject, type MemObjectKind } from "./objects.ts";
import { findTransport, takeObjects, type DriverParts } from "./parts.ts";
import type { TransportEnd } from "./transport-end.ts";

/** First byte of an object that takes bytes. */
const KIND_BYTE: Readonly<Record<MemObjectKind, number>> = {
  transport: 0,
  memory: 1,
  mapping: 2,
  envelope: 3,
};

/** S2, S3: whether `object` may travel over `transport`, or over some transport when that is null. */
function travelResult(
  driver: DriverParts,
  object: MemObject,
  transport: TransportEnd | null,
): IpczResult {
  const { forceRelay, faults } = driver.world;
  if (transport === null) return forceRelay ? IPCZ_RESULT_ABORTED : IPCZ_RESULT_OK;
  if (transport.isEndOfThis(object)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (forceRelay && transport.needsRelay) return IPCZ_RESULT_PERMISSION_DENIED;
  return faults.resultOf("Travel", driver.name, object.handle, 0);
}

/** S4: whether the buffers suffice; if not, tells what is needed. */
function roomResult(
  byteCount: number,
  data: Uint8Array | null,
  numBytes: Out<number> | null,
  handles: IpczDriverHandle[] | null,
  numHandles: Out<number> | null,
): IpczResult {
  const byteCapacity =
    data === null || numBytes === null ? 0 : Math.min(numBytes.value, data.length);
  const handleCapacity = handles === null || numHandles === null ? 0 : numHandles.value;
  const enough = byteCapacity >= byteCount && handleCapacity >= 1;
  if (numBytes !== null) numBytes.value = byteCount;
  if (numHandles !== null) numHandles.value = 1;
  return enough ? IPCZ_RESULT_OK : IPCZ_RESULT_RESOURCE_EXHAUSTED;
}

/** `Serialize` of one driver. */
export function serializeEntry(driver: DriverParts): IpczDriver["Serialize"] {
  const { table, faults, objectBytes } = driver.world;
  return (handle, transport, _flags, _options, data, numBytes, handles, numHandles) => {
    const object = table.find(handle, driver.id);
    if (object === null || !object.travels) return IPCZ_RESULT_INVALID_ARGUMENT;
    const end = findTransport(driver, transport);
    if (end === null && transport !== 0) return IPCZ_RESULT_INVALID_ARGUMENT;
    const travel = travelResult(driver, object, end);
    if (travel !== IPCZ_RESULT_OK) return travel;
    const room = roomResult(objectBytes, data, numBytes, handles, numHandles);
    if (room !== IPCZ_RESULT_OK) return room;
    const refused = faults.refusal("Serialize", driver.name, handle, objectBytes);
    if (refused !== null) {
      if (!refused.silent) end?.fail();
      return refused.result;
    }
    if (data !== null && objectBytes > 0) {
      data.fill(0, 0, objectBytes);
      data[0] = KIND_BYTE[object.kind];
    }
    if (handles !== null) handles[0] = table.give(object, driver.id);
    return IPCZ_RESULT_OK;
  };
}

/** Whether these bytes are what `Serialize` writes for `object`. */
function bytesFit(
  object: MemObject,
  data: Uint8Array | null,
  byteCount: number,
  expectedCount: number,
): boolean {
  if (byteCount !== expectedCount) return false;
  if (byteCount === 0) return true;
  if (data === null || data.length < byteCount || data[0] !== KIND_BYTE[object.kind]) return false;
  for (let i = 1; i < byteCount; i++) if (data[i] !== 0) return false;
  return true;
}

/** `Deserialize` of one driver. */
export function deserializeEntry(driver: DriverParts): IpczDriver["Deserialize"] {
  const { table, faults, objectBytes } = driver.world;
  return (data, numBytes, driverHandles, numDriverHandles, transport, _flags, _options, handle) => {
    const { objects, allGood } = takeObjects(driver, driverHandles, numDriverHandles);
    const end = findTransport(driver, transport);
    const object = allGood && objects.length === 1 ? (objects[0] ?? null) : null;
    let result: IpczResult = IPCZ_RESULT_INVALID_ARGUMENT;
    if (driver.crashed) result = IPCZ_RESULT_UNAVAILABLE;
    else if (object !== null && end !== null && bytesFit(object, data, numBytes, objectBytes))
      result = faults.resultOf("Deserialize", driver.name, transport, numBytes);
    if (object !== null && result === IPCZ_RESULT_OK) {
      handle.value = table.give(object, driver.id);
      return IPCZ_RESULT_OK;
    }
    for (const dropped of objects) discard(table, dropped);
    return result;
  };
}
