/**
 * Buffers kept between the large frames of a driver's transports: making one costs more than filling it. One is kept
 * for good, and of larger ones a few for as long as the garbage collector lets them be.
 */
import { collectableFramesMax, spareFrameBytesMax } from "./limits.ts";

const noBytes = new Uint8Array(0);

export class FrameBuffers {
  private spare: Uint8Array = noBytes;
  /** The last given back comes last. */
  private collectable: WeakRef<Uint8Array>[] = [];

  /** A buffer of at least `numBytes` bytes, or better of `bestBytes` if one is kept, whose content is unspecified. */
  take(numBytes: number, bestBytes: number = numBytes): Uint8Array {
    return this.takeKept(bestBytes) ?? this.takeKept(numBytes) ?? new Uint8Array(numBytes);
  }

  /** Gives back a buffer that nobody uses any more; the largest that is not too large is kept. */
  give(bytes: Uint8Array): void {
    if (bytes.length > spareFrameBytesMax) {
      this.collectable.push(new WeakRef(bytes));
      if (this.collectable.length > collectableFramesMax) this.collectable.shift();
    } else if (bytes.length > this.spare.length) this.spare = bytes;
  }

  private takeKept(numBytes: number): Uint8Array | null {
    if (numBytes > spareFrameBytesMax) return this.takeCollectable(numBytes);
    const { spare } = this;
    if (numBytes > spare.length) return null;
    this.spare = noBytes;
    return spare;
  }

  /** What is much larger than wanted is left for those who want it. */
  private takeCollectable(numBytes: number): Uint8Array | null {
    for (const reference of this.collectable.toReversed()) {
      const bytes = reference.deref();
      if (!bytes || bytes.length < numBytes || bytes.length > 2 * numBytes) continue;
      this.collectable = this.collectable.filter((other) => other !== reference);
      return bytes;
    }
    return null;
  }
}
