/**
 * The simplest framing there is, as one would write it by hand: four bytes of length, then the message. For contestants
 * that carry a stream of bytes.
 */
export const LENGTH_BYTES = 4;

/** `bytes` as a frame. */
export function frame(bytes: Uint8Array): Buffer {
  const buffer = Buffer.allocUnsafe(LENGTH_BYTES + bytes.length);
  buffer.writeUInt32LE(bytes.length, 0);
  buffer.set(bytes, LENGTH_BYTES);
  return buffer;
}

/** Cuts what arrives into messages. A message in pieces is put together once, when its last piece is here. */
export class FrameReader {
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  /** Bytes that the pieces must amount to before a look at them is worthwhile. */
  private wanted = LENGTH_BYTES;
  private readonly onFrame: (message: Buffer) => void;

  constructor(onFrame: (message: Buffer) => void) {
    this.onFrame = onFrame;
  }

  take(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.pieceBytes += chunk.length;
    if (this.pieceBytes < this.wanted) return;
    const bytes = this.pieces.length === 1 ? chunk : Buffer.concat(this.pieces, this.pieceBytes);
    const start = this.cut(bytes);
    this.pieces = start < bytes.length ? [bytes.subarray(start)] : [];
    this.pieceBytes = bytes.length - start;
  }

  /** Hands out the whole frames; where the first other one begins. */
  private cut(bytes: Buffer): number {
    let start = 0;
    for (;;) {
      this.wanted = LENGTH_BYTES;
      if (bytes.length - start < this.wanted) return start;
      this.wanted += bytes.readUInt32LE(start);
      if (bytes.length - start < this.wanted) return start;
      this.onFrame(bytes.subarray(start + LENGTH_BYTES, start + this.wanted));
      start += this.wanted;
    }
  }
}
