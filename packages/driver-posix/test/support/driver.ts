/**
 * Short words for what tests do with a driver.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
  type IpczDriverHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { expect } from "vitest";
import type { PosixDriver } from "../../src/index.ts";

export const none = IPCZ_INVALID_DRIVER_HANDLE;

export function cell(): Out<IpczDriverHandle> {
  return { value: none };
}

export function createPair(driver: PosixDriver): [IpczDriverHandle, IpczDriverHandle] {
  const first = cell();
  const second = cell();
  expect(driver.CreateTransports(none, none, 0, null, first, second)).toBe(IPCZ_RESULT_OK);
  return [first.value, second.value];
}

export function transmit(
  driver: PosixDriver,
  transport: IpczDriverHandle,
  message: string | Uint8Array,
  handles: IpczDriverHandle[] = [],
): IpczResult {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  return driver.Transmit(transport, bytes, bytes.length, handles, handles.length, 0, null);
}

/** Deactivates and closes a transport. */
export function end(driver: PosixDriver, transport: IpczDriverHandle): void {
  expect(driver.DeactivateTransport(transport, 0, null)).toBe(IPCZ_RESULT_OK);
  expect(driver.Close(transport, 0, null)).toBe(IPCZ_RESULT_OK);
}

export function allocate(driver: PosixDriver, numBytes: number): IpczDriverHandle {
  const memory = cell();
  expect(driver.AllocateSharedMemory(numBytes, 0, null, memory)).toBe(IPCZ_RESULT_OK);
  return memory.value;
}

export interface Mapped {
  readonly bytes: Uint8Array;
  readonly mapping: IpczDriverHandle;
}

export function mapMemory(driver: PosixDriver, memory: IpczDriverHandle): Mapped {
  const address: Out<Uint8Array> = { value: new Uint8Array(0) };
  const mapping = cell();
  expect(driver.MapSharedMemory(memory, 0, null, address, mapping)).toBe(IPCZ_RESULT_OK);
  return { bytes: address.value, mapping: mapping.value };
}

export interface Serialized {
  readonly bytes: Uint8Array;
  readonly handles: IpczDriverHandle[];
}

export function serialize(
  driver: PosixDriver,
  object: IpczDriverHandle,
  transport: IpczDriverHandle = none,
): Serialized {
  const bytes = new Uint8Array(8);
  const handles = [none];
  const counts = [{ value: 8 }, { value: 1 }] as const;
  const result = driver.Serialize(object, transport, 0, null, bytes, counts[0], handles, counts[1]);
  expect(result).toBe(IPCZ_RESULT_OK);
  expect(counts).toEqual([{ value: 8 }, { value: 1 }]);
  return { bytes, handles };
}

export function deserialize(
  driver: PosixDriver,
  { bytes, handles }: Serialized,
  transport: IpczDriverHandle = none,
): { result: IpczResult; object: IpczDriverHandle } {
  const object = cell();
  const count = handles.length;
  const result = driver.Deserialize(
    bytes,
    bytes.length,
    handles,
    count,
    transport,
    0,
    null,
    object,
  );
  return { result, object: object.value };
}

/** The descriptors of this process, by number, without the one that lists them. */
export function openDescriptors(): string[] {
  const found: string[] = [];
  for (const number of readdirSync("/proc/self/fd")) {
    try {
      found.push(`${number} ${readlinkSync(`/proc/self/fd/${number}`)}`);
    } catch {
      // The one that listed them is gone.
    }
  }
  return found;
}

/** How many mappings of our memory this process has. */
export function mappedMemories(): number {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  return lines.filter((line) => line.includes("/ipcz/mem")).length;
}

export function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
