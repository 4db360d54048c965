/**
 * One mapping of a whole memory object, as a driver hands it out.
 */

/** Mapped bytes, until they are closed; what becomes of them then is up to whoever mapped them. */
export class MemoryMapping {
  readonly kind = "mapping";
  private readonly retire: (buffer: ArrayBuffer) => void;
  private buffer: ArrayBuffer | null;

  /** `retire` is told once, when it is closed. It does not refer to `buffer`, whose collection it may wait for. */
  constructor(buffer: ArrayBuffer, retire: (buffer: ArrayBuffer) => void) {
    forbidTransfer(buffer);
    this.buffer = buffer;
    this.retire = retire;
  }

  /** A view of the bytes; null once closed. */
  view(): Uint8Array | null {
    return this.buffer ? new Uint8Array(this.buffer) : null;
  }

  /** Ends it; when it was closed before, nothing. */
  close(): void {
    const { buffer } = this;
    this.buffer = null;
    if (buffer) this.retire(buffer);
  }
}

/**
 * Moving the bytes to another ArrayBuffer would hide them from the collection that is waited for (Node 22 and later).
 */
function forbidTransfer(buffer: ArrayBuffer): void {
  Object.defineProperties(buffer, {
    transfer: { value: refuseTransfer },
    transferToFixedLength: { value: refuseTransfer },
  });
}

function refuseTransfer(): never {
  throw new TypeError("mapped memory cannot be transferred");
}
