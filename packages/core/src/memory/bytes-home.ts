/**
 * Where bytes of parcels lie: behind one another or alone, on the heap, in shared memory, in what a driver lends.
 */
export interface BytesHome {
  /** The `numBytes` bytes from `start`, in place. */
  view(start: number, numBytes: number): Uint8Array;
  /** Copies the `numBytes` bytes from `start` to the beginning of `target`. */
  copyOut(start: number, target: Uint8Array, numBytes: number): void;
  /** One parcel's bytes are not needed any more. */
  release(): void;
}

/** An array of its own. */
export class HeapBytes implements BytesHome {
  private readonly bytes: Uint8Array;

  /** Takes the array. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  view(start: number, numBytes: number): Uint8Array {
    const isWhole = start === 0 && numBytes === this.bytes.length;
    return isWhole ? this.bytes : this.bytes.subarray(start, start + numBytes);
  }

  copyOut(start: number, target: Uint8Array, numBytes: number): void {
    target.set(this.view(start, numBytes));
  }

  release(): void {}
}
