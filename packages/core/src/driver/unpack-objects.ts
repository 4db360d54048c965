/**
 * Bytes and handles of a received message back into driver objects (spec: wire 1.5, rules 2, 5 and 6).
 *
 * Twin of pack-objects.ts. Handles that no object names are closed here; objects that no field claims are closed with
 * the bag.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { closeHandles, closeObjects, DriverObject } from "./driver-object.ts";
import { NO_OBJECTS, ObjectBag } from "./object-bag.ts";

/** Where one object's bytes and handles are. The numbers are the sender's: nothing about them is checked yet. */
export interface ObjectRange {
  /** First byte in the message. */
  readonly dataOffset: number;
  /** Bytes; 0: none. */
  readonly dataLength: number;
  /** Index of the first handle attached to the message. */
  readonly firstHandle: number;
  readonly numHandles: number;
  /** False: the byte array is malformed, so the object cannot be made. */
  readonly valid?: boolean;
}

/** A received message, as far as its objects are concerned. */
export interface PackedMessage {
  readonly message: Uint8Array;
  readonly ranges: readonly ObjectRange[];
  /** All handles attached to the message. */
  readonly handles: readonly IpczDriverHandle[];
  /** The transport that delivered it. */
  readonly transport: IpczDriverHandle;
  readonly driver: IpczDriver;
}

/**
 * Makes every object of a message. Takes the handles, whatever it answers. Null when an object cannot be made; the
 * others are made and closed then, so that the driver can free what belongs to them.
 */
export function unpackObjects(packed: PackedMessage): ObjectBag | null {
  if (packed.ranges.length === 0 && packed.handles.length === 0) return NO_OBJECTS;
  const unclaimed = [...packed.handles];
  const objects: DriverObject[] = [];
  for (const range of packed.ranges) {
    const claimed = claimHandles(unclaimed, range);
    const object = claimed && unpackObject(packed, range, claimed);
    if (object) objects.push(object);
  }
  closeHandles(packed.driver, unclaimed);
  if (objects.length === packed.ranges.length) return new ObjectBag(objects);
  closeObjects(objects);
  return null;
}

/** Takes an object's handles out of `unclaimed`. Null, with none taken, when the object cannot have them. */
function claimHandles(
  unclaimed: IpczDriverHandle[],
  { firstHandle, numHandles, valid }: ObjectRange,
): IpczDriverHandle[] | null {
  if (valid === false || numHandles > unclaimed.length) return null;
  if (firstHandle > unclaimed.length - numHandles) return null;
  const claimed = unclaimed.slice(firstHandle, firstHandle + numHandles);
  // A handle that an object before this one has claimed is 0 by now.
  if (claimed.includes(IPCZ_INVALID_DRIVER_HANDLE)) return null;
  unclaimed.fill(IPCZ_INVALID_DRIVER_HANDLE, firstHandle, firstHandle + numHandles);
  return claimed;
}

function unpackObject(
  { message, transport, driver }: PackedMessage,
  { dataOffset, dataLength }: ObjectRange,
  handles: readonly IpczDriverHandle[],
): DriverObject | null {
  const fits = dataOffset <= message.length && dataLength <= message.length - dataOffset;
  if (!fits) {
    closeHandles(driver, handles);
    return null;
  }
  const data = dataLength === 0 ? null : message.subarray(dataOffset, dataOffset + dataLength);
  const out = { value: IPCZ_INVALID_DRIVER_HANDLE };
  const result = driver.Deserialize(
    data,
    dataLength,
    handles.length === 0 ? null : handles,
    handles.length,
    transport,
    0,
    null,
    out,
  );
  if (result !== IPCZ_RESULT_OK || out.value === IPCZ_INVALID_DRIVER_HANDLE) return null;
  return new DriverObject(driver, out.value);
}
