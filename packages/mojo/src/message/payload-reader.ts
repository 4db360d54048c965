/**
 * Payloads in: a stranger's bytes. Every length and pointer is checked before it is followed; what is wrong reads as
 * null. Twin of payload-writer.ts.
 */
const headerBytes = 8;

/** The fields of one struct. */
export class StructReader {
  readonly #view: DataView;
  readonly #start: number;
  readonly #end: number;

  private constructor(view: DataView, start: number, end: number) {
    this.#view = view;
    this.#start = start;
    this.#end = end;
  }

  /** The struct that a payload begins with. */
  static first(payload: Uint8Array): StructReader | null {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    return StructReader.#at(view, 0);
  }

  static #at(view: DataView, start: number): StructReader | null {
    const bytes = lengthAt(view, start);
    return bytes === null ? null : new StructReader(view, start + headerBytes, start + bytes);
  }

  /** The field at `offset`; null beyond the struct. */
  u8(offset: number): number | null {
    return this.#has(offset, 1) ? this.#view.getUint8(this.#start + offset) : null;
  }

  /** As {@link StructReader.u8}, 32 bits. */
  u32(offset: number): number | null {
    return this.#has(offset, 4) ? this.#view.getUint32(this.#start + offset, true) : null;
  }

  /** As {@link StructReader.u8}, 64 bits. */
  u64(offset: number): bigint | null {
    return this.#has(offset, 8) ? this.#view.getBigUint64(this.#start + offset, true) : null;
  }

  /** The struct that the field at `offset` points to; null also when it points to none. */
  struct(offset: number): StructReader | null {
    const target = this.#target(offset);
    return target === null ? null : StructReader.#at(this.#view, target);
  }

  /** The array of bytes that it points to; a view of the payload. */
  bytes(offset: number): Uint8Array | null {
    const target = this.#target(offset);
    const length = target === null ? null : lengthAt(this.#view, target);
    if (target === null || length === null) return null;
    const count = this.#view.getUint32(target + 4, true);
    if (count !== length - headerBytes) return null;
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + target + headerBytes, count);
  }

  /** Text that it points to. */
  string(offset: number): string | null {
    const bytes = this.bytes(offset);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** The pointers in the array that it points to, each as an array of one struct's fields would be read. */
  structs(offset: number): (StructReader | null)[] | null {
    const target = this.#target(offset);
    const length = target === null ? null : lengthAt(this.#view, target);
    if (target === null || length === null) return null;
    const count = this.#view.getUint32(target + 4, true);
    if (length !== headerBytes + 8 * count) return null;
    const elements = new StructReader(this.#view, target + headerBytes, target + length);
    return Array.from({ length: count }, (_, index) => elements.struct(8 * index));
  }

  #has(offset: number, bytes: number): boolean {
    return this.#start + offset + bytes <= this.#end;
  }

  #target(offset: number): number | null {
    const distance = this.u64(offset);
    if (distance === null || distance === 0n || distance % 8n !== 0n) return null;
    const target = BigInt(this.#start + offset) + distance;
    return target <= BigInt(this.#view.byteLength) ? Number(target) : null;
  }
}

/** The length of what begins at `start`, its header included; null unless all of it is there. */
function lengthAt(view: DataView, start: number): number | null {
  if (start + headerBytes > view.byteLength) return null;
  const bytes = view.getUint32(start, true);
  return bytes >= headerBytes && bytes <= view.byteLength - start ? bytes : null;
}
