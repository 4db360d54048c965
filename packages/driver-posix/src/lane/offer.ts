/**
 * What an offer says: the capacity of the ring, whose descriptors come beside it.
 */
import { ringBytesMax, ringBytesMin } from "../limits.ts";

const offerBytes = 4;

/** The memory of the ring, and the reading end of the doorbell's pipe. */
const descriptorsPerOffer = 2;

/** The bytes of an offer. */
export function writeOffer(capacity: number): Uint8Array {
  const bytes = new Uint8Array(offerBytes);
  new DataView(bytes.buffer).setUint32(0, capacity, true);
  return bytes;
}

/** The capacity in an offer; null when no honest writer makes it. */
export function readOffer(offer: Uint8Array, descriptorCount: number): number | null {
  if (offer.length !== offerBytes || descriptorCount !== descriptorsPerOffer) return null;
  const capacity = new DataView(offer.buffer, offer.byteOffset, offerBytes).getUint32(0, true);
  const isPowerOfTwo = (capacity & (capacity - 1)) === 0;
  return isPowerOfTwo && capacity >= ringBytesMin && capacity <= ringBytesMax ? capacity : null;
}
