/**
 * Where one connection writes the messages of parcels without attachments: a buffer that is kept.
 *
 * Bytes that follow each other through one portal are often of one size; then only the parcel's number and its data are
 * written, around them stands what the message before has left.
 */
import type { SequenceNumber } from "../base/sequence.ts";
import { SpareBuffer } from "../base/spare-buffer.ts";
import { acceptParcelBytes, setParcelNumber } from "../wire/accept-parcel.ts";
import { NO_SUBLINK, type SublinkId } from "../wire/ids.ts";
import { writeBytes, writeData } from "./plain-parcel.ts";

/** Few messages of plain parcels are larger than the buffer that is kept. */
const KEPT_BYTES = 4096;

export class PlainMessages {
  /**
   * The buffer is taken while its message is transmitted: a synchronous transport may cause the next parcel to be sent
   * before that returns, and it must not overwrite what is being read.
   */
  private readonly buffers = new SpareBuffer(KEPT_BYTES, KEPT_BYTES);
  /** The buffer that holds a message of bytes, for this sublink, with so many of them. */
  private written: Uint8Array | null = null;
  private sublink: SublinkId = NO_SUBLINK;
  private dataBytes = 0;

  /** A buffer of at least `numBytes` bytes, whose content is unspecified; to be given back. */
  take(numBytes: number): Uint8Array {
    const message = this.buffers.take(numBytes);
    if (message === this.written) this.written = null;
    return message;
  }

  /** A buffer that begins with the message for the first `numBytes` bytes of `data`; to be given back. */
  takeWithBytes(
    sublink: SublinkId,
    sequenceNumber: SequenceNumber,
    data: Uint8Array,
    numBytes: number,
  ): Uint8Array {
    const message = this.buffers.take(acceptParcelBytes(numBytes));
    if (message === this.written && sublink === this.sublink && numBytes === this.dataBytes) {
      setParcelNumber(message, sequenceNumber);
      writeData(message, data, numBytes);
      return message;
    }
    writeBytes(message, sublink, sequenceNumber, data, numBytes);
    this.written = message;
    this.sublink = sublink;
    this.dataBytes = numBytes;
    return message;
  }

  give(message: Uint8Array): void {
    this.buffers.give(message);
  }
}
