/**
 * Copies of many bytes out of mapped memory, at full speed wherever they lie.
 *
 * From some 2 KiB up to the size of a cache, C libraries copy by an instruction (`rep movsb`) that takes twenty times as
 * long when the target begins up to 31 bytes behind the source, modulo 4096: measured on AMD EPYC, 41 instead of 2 µs for
 * 64 KiB. A parcel's data begins 8 bytes into a page, and a large array 16: what glibc has mapped for it begins with its
 * own record. So such copies are made in pieces, for which other instructions are used: 3.4 µs for 64 KiB.
 */

/** From this size on an array's memory is mapped for it alone, at first. */
const MAPPED_BYTES_MIN = 128 * 1024;
const RECORD_BYTES = 16;
const PAGE_BYTES = 4096;
const SLOW_DISTANCE_END = 32;
/** The instruction is used for more than that... */
const PIECE_BYTES = 2048;
/** ...and less than that. */
const WHOLE_BYTES_MIN = 2 ** 20;

/** Copies `count` bytes from `start` of `from`, which begins at a page, to the beginning of `to`. */
export function copyFromPage(from: Uint8Array, start: number, to: Uint8Array, count: number): void {
  const pieceBytes = count < WHOLE_BYTES_MIN && isSlow(start, to) ? PIECE_BYTES : count;
  for (let copied = 0; copied < count; copied += pieceBytes) {
    const end = Math.min(copied + pieceBytes, count);
    to.set(from.subarray(start + copied, start + end), copied);
  }
}

/** As far as it can be told: where a smaller array lies, nobody knows, and few lie like that. */
function isSlow(start: number, to: Uint8Array): boolean {
  if (to.buffer.byteLength < MAPPED_BYTES_MIN) return false;
  const distance = (RECORD_BYTES + to.byteOffset - start) & (PAGE_BYTES - 1);
  return distance > 0 && distance < SLOW_DISTANCE_END;
}
