/**
 * A link that begins without free blocks of 64 bytes, as one that was in use for long may have to do.
 */
import { decodeHeader } from "@ipcz/core/wire";
import type { PosixDriver } from "@ipcz/driver-posix";

/** The primary buffer, and the word in it where the list of free blocks begins (spec: wire 4.1, 4.2). */
const primaryBufferBytes = 131_072;
const smallBlocksStart = 1024;
/** A list whose first block is block 0, which is none. */
const emptyList = 0xffff_0000;
const greetingId = 0;

/** The same driver, which takes all small blocks out of a primary buffer before it greets anybody with it. */
export function drained(posix: PosixDriver): PosixDriver {
  let primary: Uint8Array | null = null;
  return {
    ...posix,
    MapSharedMemory: (memory, flags, options, address, mapping) => {
      const result = posix.MapSharedMemory(memory, flags, options, address, mapping);
      if (address.value.length === primaryBufferBytes) primary ??= address.value;
      return result;
    },
    Transmit: (transport, data, numBytes, ...rest) => {
      const isGreeting = data !== null && decodeHeader(data, numBytes)?.messageId === greetingId;
      if (isGreeting && primary) {
        const view = new DataView(primary.buffer, primary.byteOffset);
        view.setUint32(smallBlocksStart, emptyList, true);
      }
      return posix.Transmit(transport, data, numBytes, ...rest);
    },
  };
}
