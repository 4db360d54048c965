/**
 * Driver objects into bytes and handles that one transport can carry (spec: api 3.3, probes P3 and P4).
 *
 * Twin of unpack-objects.ts.
 */
import {
  type IpczDriverHandle,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
} from "@ipcz/api";
import type { SerializedObject } from "../wire/driver-objects.ts";
import { closeHandles, closeObjects, type DriverObject } from "./driver-object.ts";

/** What becomes of objects in a message. */
export interface PackedObjects {
  /** What each object needs of the message; the handles are the next of `handles`. */
  readonly objects: SerializedObject[];
  /** All handles, to be transmitted with the message; owned by whoever holds this. */
  readonly handles: IpczDriverHandle[];
}

/** Can all of `objects` travel over `transport`, without the help of a broker? (probe P2) */
export function canAllTravel(
  objects: readonly DriverObject[],
  transport: IpczDriverHandle,
): boolean {
  for (const object of objects) if (!object.canTravelOn(transport)) return false;
  return true;
}

/**
 * Serializes `objects` for `transport`. Takes them, also when it fails: then everything is closed, what the driver
 * has already made of some of them included.
 */
export function packObjects(
  objects: readonly DriverObject[],
  transport: IpczDriverHandle,
): PackedObjects | null {
  const packed: PackedObjects = { objects: [], handles: [] };
  for (const object of objects) {
    if (packObject(object, transport, packed)) continue;
    closeHandles(object.driver, packed.handles);
    closeObjects(objects);
    return null;
  }
  return packed;
}

function packObject(
  object: DriverObject,
  transport: IpczDriverHandle,
  packed: PackedObjects,
): boolean {
  const { driver, handle } = object;
  const numBytes = { value: 0 };
  const numHandles = { value: 0 };
  const sized = driver.Serialize(handle, transport, 0, null, null, numBytes, null, numHandles);
  // OK would mean: consumed, and made of nothing at all. Nothing could be sent for it.
  if (sized === IPCZ_RESULT_OK) object.release();
  if (sized !== IPCZ_RESULT_RESOURCE_EXHAUSTED) return false;
  const bytesWanted = numBytes.value;
  const handlesWanted = numHandles.value;
  if (bytesWanted === 0 && handlesWanted === 0) return false;

  const data = bytesWanted === 0 ? null : new Uint8Array(bytesWanted);
  const handles = Array.from({ length: handlesWanted }, () => IPCZ_INVALID_DRIVER_HANDLE);
  const result = driver.Serialize(
    handle,
    transport,
    0,
    null,
    data,
    numBytes,
    handlesWanted === 0 ? null : handles,
    numHandles,
  );
  if (result !== IPCZ_RESULT_OK) return false;
  // From here on the driver has consumed the object, and what it gave is ours.
  object.release();
  for (const produced of handles) packed.handles.push(produced);
  packed.objects.push({ data, numHandles: handlesWanted });
  return numBytes.value === bytesWanted && numHandles.value === handlesWanted;
}
