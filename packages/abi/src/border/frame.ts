/**
 * Memory for what one native call reads and writes: counts, cells, structs, arrays.
 *
 * Calls nest (native code calls a driver in JavaScript, which calls native code), so each depth has a frame of its own,
 * which is used again by the next call at that depth.
 */
import type { Out } from "@ipcz/api";
import type { StructLayout } from "../c/layout.ts";
import { WORD_BYTES } from "../c/layout.ts";
import type { Foreign } from "../ffi/foreign.ts";
import { readWord, writeWord } from "./word.ts";

const FRAME_BYTES = 2048;

/** A place in a frame; `address` is what native code is told. */
export interface Place {
  readonly address: number;
  readonly view: DataView;
  readonly offset: number;
}

/** The memory of one call. */
export class Frame {
  private readonly foreign: Foreign;
  private readonly view: DataView;
  private readonly start: number;
  private used = 0;
  /** What did not fit; lives until the frame is used again. */
  private readonly large: Uint8Array[] = [];

  constructor(foreign: Foreign) {
    const bytes = new Uint8Array(FRAME_BYTES);
    this.foreign = foreign;
    this.view = new DataView(bytes.buffer);
    this.start = Number(foreign.address(bytes));
  }

  /** Forgets what the call before has put here. */
  reset(): void {
    this.used = 0;
    if (this.large.length > 0) this.large.length = 0;
  }

  /** `numBytes` bytes of zero, aligned to a word. */
  reserve(numBytes: number): Place {
    const size = Math.ceil(numBytes / WORD_BYTES) * WORD_BYTES;
    if (size > FRAME_BYTES - this.used) return this.reserveLarge(size);
    const { view, used: offset } = this;
    this.used += size;
    for (let at = offset; at < offset + size; at += WORD_BYTES) view.setFloat64(at, 0);
    return { address: this.start + offset, view, offset };
  }

  private reserveLarge(size: number): Place {
    const bytes = new Uint8Array(size);
    this.large.push(bytes);
    const address = Number(this.foreign.address(bytes));
    return { address, view: new DataView(bytes.buffer), offset: 0 };
  }

  /** A word that holds `value`. */
  word(value: number): Place {
    const place = this.reserve(WORD_BYTES);
    writeWord(place.view, place.offset, value);
    return place;
  }

  /** A word for each of the first `count` values. */
  words(values: readonly number[], count: number): Place {
    const place = this.reserve(count * WORD_BYTES);
    for (let index = 0; index < count; index++) {
      writeWord(place.view, place.offset + index * WORD_BYTES, values[index] ?? 0);
    }
    return place;
  }

  /** A struct of zeros but for its size, which is `size` or as much as is there. */
  struct(layout: StructLayout<string>, size: number = layout.size): Place {
    const place = this.reserve(layout.size);
    writeWord(place.view, place.offset, Math.min(Math.max(size, 0), layout.size));
    return place;
  }
}

/** A word that native code reads and writes, for a cell; null for none. Nothing below 0 gets there. */
export function inOutWord(frame: Frame, cell: Out<number> | null): Place | null {
  return cell ? frame.word(Math.max(cell.value, 0)) : null;
}

/** What native code has left in such a word becomes the cell's. */
export function takeWord(cell: Out<number> | null, place: Place | null): void {
  if (cell && place) cell.value = wordAt(place);
}

/** What native code has left in a word. */
export function wordAt({ view, offset }: Place): number {
  return readWord(view, offset);
}

/** Copies `count` words to the start of `values`. */
export function copyWords({ view, offset }: Place, count: number, values: number[]): void {
  for (let index = 0; index < count; index++) {
    values[index] = readWord(view, offset + index * WORD_BYTES);
  }
}
