/**
 * One buffer, kept between its uses: fresh memory costs more than writing to it.
 */
export class SpareBuffer {
  private readonly bytesMin: number;
  private readonly keptBytesMax: number;
  private spare: Uint8Array | null = null;

  /** Buffers are made with at least `bytesMin` bytes; those of more than `keptBytesMax` are not kept. */
  constructor(bytesMin: number, keptBytesMax: number) {
    this.bytesMin = bytesMin;
    this.keptBytesMax = keptBytesMax;
  }

  /** A buffer of at least `numBytes` bytes, whose content is unspecified. */
  take(numBytes: number): Uint8Array {
    const { spare } = this;
    if (!spare || numBytes > spare.length) return new Uint8Array(Math.max(numBytes, this.bytesMin));
    this.spare = null;
    return spare;
  }

  /** Gives back a buffer that nobody uses any more; the largest is kept. */
  give(bytes: Uint8Array): void {
    if (bytes.length <= this.keptBytesMax && bytes.length > (this.spare?.length ?? 0))
      this.spare = bytes;
  }

  /** Nothing will be taken any more. */
  clear(): void {
    this.spare = null;
  }
}
