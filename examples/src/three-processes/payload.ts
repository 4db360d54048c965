/**
 * What B sends to C, and how C proves that it got it.
 */
import { createHash, type Hash } from "node:crypto";

export const SMALL_PARCELS = 1000;
export const BIG_PARCEL_BYTES: number = 8 * 1024 * 1024;
/** Pings after the process in the middle is gone. */
export const PINGS = 100;

/** The small parcel with this number: from 8 to 263 bytes. */
export function smallParcel(number: number): Uint8Array {
  const bytes = new Uint8Array(8 + (number % 256));
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = (number * 31 + index * 7) & 0xff;
  return bytes;
}

export function bigParcel(): Uint8Array {
  const bytes = new Uint8Array(BIG_PARCEL_BYTES);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = (index * 13 + (index >> 9)) & 0xff;
  return bytes;
}

/** Checks everything sent in order, on either side. */
export class Checksum {
  private readonly hash: Hash = createHash("sha256");
  private count = 0;

  add(bytes: Uint8Array): void {
    this.hash.update(bytes);
    this.count += bytes.length;
  }

  get numBytes(): number {
    return this.count;
  }

  hex(): string {
    return this.hash.copy().digest("hex");
  }
}
