/**
 * Payloads out: structs, arrays and strings, one behind the other, joined by pointers (spec: mojo 7).
 *
 * Everything begins at a multiple of 8 and begins with its own length. A pointer is the distance from itself to what it
 * points at; 0 is no object. Offsets below count from the start of the payload.
 */
const headerBytes = 8;
const initialBytes = 256;

/** Writes one payload. */
export class PayloadWriter {
  #bytes = new Uint8Array(initialBytes);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** A struct with room for `fieldBytes` of fields, all 0; where its fields begin. */
  struct(fieldBytes: number, version = 0): number {
    const start = this.#allocate(headerBytes + fieldBytes);
    this.setU32(start, headerBytes + alignUp(fieldBytes));
    this.setU32(start + 4, version);
    return start + headerBytes;
  }

  /** An array of bytes; where it begins, for a pointer to it. */
  bytes(content: Uint8Array): number {
    const start = this.#allocate(headerBytes + content.length);
    this.setU32(start, headerBytes + content.length);
    this.setU32(start + 4, content.length);
    this.#bytes.set(content, start + headerBytes);
    return start;
  }

  /** Text as UTF-8. */
  string(text: string): number {
    return this.bytes(new TextEncoder().encode(text));
  }

  /** Writes a byte of a field. */
  setU8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  /** Writes a field of 32 bits. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Writes a field of 64 bits. */
  setU64(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }

  /** Makes the field at `at` point to what begins at `target`. */
  setPointer(at: number, target: number): void {
    this.setU64(at, BigInt(target - at));
  }

  /** Makes the field at `at` point to a new struct; where the fields of that begin. */
  structAt(at: number, fieldBytes: number): number {
    const fields = this.struct(fieldBytes);
    this.setPointer(at, fields - headerBytes);
    return fields;
  }

  /** The payload. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #allocate(numBytes: number): number {
    const start = this.#length;
    this.#length += alignUp(numBytes);
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}

function alignUp(value: number): number {
  return Math.ceil(value / 8) * 8;
}
