/**
 * One buffer, kept between its uses: fresh memory costs more than writing to it. A large one is kept besides, for as
 * long as the garbage collector lets it be.
 */

/** Buffers of fewer bytes are not worth a reference to what may be collected. */
const LARGE_BYTES_MIN = 2 ** 20;

export class SpareBuffer {
  private readonly bytesMin: number;
  private readonly keptBytesMax: number;
  private spare: Uint8Array | null = null;
  private large: WeakRef<Uint8Array> | null = null;

  /** Buffers are made with at least `bytesMin` bytes; those of more than `keptBytesMax` may be kept, and may not. */
  constructor(bytesMin: number, keptBytesMax: number) {
    this.bytesMin = bytesMin;
    this.keptBytesMax = keptBytesMax;
  }

  /** A buffer of at least `numBytes` bytes, whose content is unspecified. */
  take(numBytes: number): Uint8Array {
    if (numBytes > this.keptBytesMax) return this.takeLarge(numBytes);
    const { spare } = this;
    if (!spare || numBytes > spare.length) return new Uint8Array(Math.max(numBytes, this.bytesMin));
    this.spare = null;
    return spare;
  }

  /** Gives back a buffer that nobody uses any more; the largest is kept. */
  give(bytes: Uint8Array): void {
    if (bytes.length > this.keptBytesMax) {
      if (bytes.length >= LARGE_BYTES_MIN) this.large = new WeakRef(bytes);
    } else if (bytes.length > (this.spare?.length ?? 0)) this.spare = bytes;
  }

  /** Nothing will be taken any more. */
  clear(): void {
    this.spare = null;
    this.large = null;
  }

  /** What is much larger than wanted is left for those who want it. */
  private takeLarge(numBytes: number): Uint8Array {
    const large = this.large?.deref();
    if (!large || large.length < numBytes || large.length > 2 * numBytes)
      return new Uint8Array(numBytes);
    this.large = null;
    return large;
  }
}
