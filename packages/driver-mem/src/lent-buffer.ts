/**
 * The one buffer of a batch, as a driver has it that reads many messages at once: lent until the batch ends, and overwritten
 * then, so that whoever reads it too late is found out.
 */

/** What is overwritten reads as this. */
export const SCRIBBLE_BYTE = 0xdb;

const BUFFER_BYTES = 4096;

export class LentBuffer {
  readonly bytes: Uint8Array = new Uint8Array(BUFFER_BYTES);
  private end = 0;

  /** Where a copy of `data` starts in it, at a word; null: there is no room. */
  place(data: Uint8Array): number | null {
    const start = this.end;
    if (start + data.length > BUFFER_BYTES) return null;
    this.bytes.set(data, start);
    this.end = (start + data.length + 3) & -4;
    return start;
  }

  scribble(): void {
    this.bytes.fill(SCRIBBLE_BYTE);
  }
}
