/**
 * What a link is made of before it is one: two connected transports and a primary buffer. A broker makes them for two
 * other nodes; who gets them in a message claims them here.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { type DriverMapping, DriverMemory } from "../driver/driver-memory.ts";
import { DriverObject } from "../driver/driver-object.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import { LinkMemory } from "../memory/link-memory.ts";

/** Two connected transports, to be sent over `first` and `second`; null when the driver has none. */
export function createTransportPair(
  driver: IpczDriver,
  first: IpczDriverHandle,
  second: IpczDriverHandle,
): readonly [DriverObject, DriverObject] | null {
  const out0 = { value: IPCZ_INVALID_DRIVER_HANDLE };
  const out1 = { value: IPCZ_INVALID_DRIVER_HANDLE };
  const result = driver.CreateTransports(first, second, 0, null, out0, out1);
  if (result !== IPCZ_RESULT_OK) return null;
  const pair = [
    new DriverObject(driver, out0.value),
    new DriverObject(driver, out1.value),
  ] as const;
  if (pair[0].isValid && pair[1].isValid) return pair;
  pair[0].close();
  pair[1].close();
  return null;
}

/** An initialised primary buffer for a link between two other nodes, a handle for each; null: no memory. */
export function createSharedPrimary(
  driver: IpczDriver,
): readonly [DriverMemory, DriverMemory] | null {
  const primary = LinkMemory.createPrimary(driver);
  if (!primary) return null;
  primary.mapping.close();
  const second = primary.memory.duplicate();
  if (second) return [primary.memory, second];
  primary.memory.close();
  return null;
}

/** The object at `index` of a message, now the caller's; null when the message has none there. */
export function claimObject(objects: ObjectBag, index: number | null): DriverObject | null {
  const object = index === null ? null : objects.take(index);
  return object?.isValid ? object : null;
}

/** The primary buffer at `index` of a message, mapped; null when there is none, or it cannot be one. */
export function claimPrimary(objects: ObjectBag, index: number | null): DriverMapping | null {
  const object = claimObject(objects, index);
  const memory = object && DriverMemory.adopt(object);
  return memory && LinkMemory.adoptPrimary(memory);
}
