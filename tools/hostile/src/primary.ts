/**
 * The initial image of a primary buffer: two counters, six allocators whose last block ends the list (wire 4.1).
 */
import type { IpczDriver, IpczDriverHandle, Out } from "@ipcz/api";
import { cell, must } from "./calls.ts";

/** Bytes of a primary buffer. */
export const PRIMARY_BYTES = 131_072;

/** Where the last block of each list is, and what it names as the next. */
export const LAST_BLOCKS: readonly (readonly [at: number, next: number])[] = [
  [95_936, 0xfa34],
  [98_048, 0xfff7],
  [101_888, 0xfff8],
  [105_472, 0xfffc],
  [112_640, 0xfffc],
  [126_976, 0xfffc],
];

/** Writes it into zeroed memory of {@link PRIMARY_BYTES} bytes. */
export function initPrimary(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, 1, true);
  view.setUint32(8, 12, true);
  for (const [at, next] of LAST_BLOCKS) view.setUint16(at + 2, next, true);
}

/** Memory of a driver; of the size of a primary buffer it looks like a new one. It is the caller's. */
export function allocateMemory(driver: IpczDriver, numBytes: number): IpczDriverHandle {
  const memory = cell();
  must(driver.AllocateSharedMemory(numBytes, 0, null, memory) === 0, "memory is allocated");
  if (numBytes === PRIMARY_BYTES) {
    const view: Out<Uint8Array> = { value: new Uint8Array(0) };
    const mapping = cell();
    must(driver.MapSharedMemory(memory.value, 0, null, view, mapping) === 0, "memory is mapped");
    initPrimary(view.value);
    driver.Close(mapping.value, 0, null);
  }
  return memory.value;
}
