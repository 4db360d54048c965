/**
 * One large buffer, kept between the large frames of a driver's transports: making one costs more than filling it.
 */
import { spareFrameBytesMax } from "./limits.ts";

const noBytes = new Uint8Array(0);

export class FrameBuffers {
  private spare: Uint8Array = noBytes;

  /** A buffer of at least `numBytes` bytes, whose content is unspecified. */
  take(numBytes: number): Uint8Array {
    const { spare } = this;
    if (numBytes > spare.length) return new Uint8Array(numBytes);
    this.spare = noBytes;
    return spare;
  }

  /** Gives back a buffer that nobody uses any more; the largest that is not too large is kept. */
  give(bytes: Uint8Array): void {
    if (bytes.length > this.spare.length && bytes.length <= spareFrameBytesMax) this.spare = bytes;
  }
}
