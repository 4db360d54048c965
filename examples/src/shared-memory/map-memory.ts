/** A view of shared memory, for as long as it is wanted. */
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";

/** Bytes that other processes may read and write at any time. */
export interface Mapped extends Disposable {
  readonly bytes: Uint8Array;
}

/** Maps `memory` and takes it; both end when the answer is disposed of. */
export function mapMemory(driver: IpczDriver, memory: IpczDriverHandle): Mapped {
  const bytes = { value: new Uint8Array(0) };
  const mapping = { value: 0 as IpczDriverHandle };
  const result = driver.MapSharedMemory(memory, 0, null, bytes, mapping);
  if (result !== 0) throw new Error(`memory cannot be mapped: ${result}`);
  return {
    bytes: bytes.value,
    [Symbol.dispose]() {
      driver.Close(mapping.value, 0, null);
      driver.Close(memory, 0, null);
    },
  };
}
