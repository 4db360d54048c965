/**
 * One large buffer, kept between the large parcels that are sent inside their messages: fresh memory costs more than
 * copying into it.
 *
 * Each link has its own, so that what a careless sender leaves unwritten can only be what the same peer got before.
 */

/** Larger buffers are not kept. */
const KEPT_BYTES_MAX = 2 * 1024 * 1024;

export class MessageRooms {
  private spare: Uint8Array | null = null;

  /** A buffer of at least `numBytes` bytes, whose content is unspecified. */
  take(numBytes: number): Uint8Array {
    const { spare } = this;
    if (!spare || numBytes > spare.length) return new Uint8Array(numBytes);
    this.spare = null;
    return spare;
  }

  /** Gives back a buffer that nobody uses any more. */
  give(bytes: Uint8Array): void {
    if (bytes.length <= KEPT_BYTES_MAX && bytes.length > (this.spare?.length ?? 0))
      this.spare = bytes;
  }

  /** The link is gone. */
  clear(): void {
    this.spare = null;
  }
}
