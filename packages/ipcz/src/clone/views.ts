/**
 * Buffers and their views, as far as the language does not say it plainly.
 */
import { getter } from "./classify.ts";
import { viewNames } from "./format.ts";

/** An `ArrayBuffer` with what the library types of ES2023 do not know. */
export interface ResizableBuffer extends ArrayBuffer {
  readonly resizable: boolean;
  readonly maxByteLength: number;
  resize(bytes: number): void;
}

const typedArrayName = getter(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
);

/** Index in `viewNames`. */
export function viewIndexOf(view: ArrayBufferView): number {
  const name = typedArrayName.call(view) ?? "DataView";
  return viewNames.findIndex((known) => known === name);
}

type ViewClass = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length?: number,
) => ArrayBufferView & { readonly length?: number };

/** The class of views at `index`; null where the runtime has none. */
export function viewClassAt(index: number): ViewClass | null {
  const name = viewNames[index];
  const found = name === undefined ? undefined : (globalThis as Record<string, unknown>)[name];
  return typeof found === "function" ? (found as ViewClass) : null;
}

/** Bytes of one element. */
export function elementBytes(view: ArrayBufferView): number {
  return "BYTES_PER_ELEMENT" in view ? Number(view.BYTES_PER_ELEMENT) : 1;
}

export function isResizable(buffer: ArrayBuffer): buffer is ResizableBuffer {
  return (buffer as Partial<ResizableBuffer>).resizable === true;
}

/** Whether the buffer has been transferred. */
export function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length !== 0;
  } catch {
    return true;
  }
}

/** Whether the view lies (in part) beyond the end of its buffer, which has shrunk. */
export function isOutOfBounds(view: ArrayBufferView): boolean {
  try {
    // Both look at the buffer, and throw when it is too short.
    if (view instanceof DataView) return view.byteLength < 0;
    (view as Uint8Array).keys();
    return false;
  } catch {
    return true;
  }
}

/**
 * Whether the view grows and shrinks with its buffer. Nothing says so; it shows when the buffer shrinks, which a copy
 * does here.
 */
export function tracksLength(view: ArrayBufferView): boolean {
  const { buffer, byteOffset, byteLength } = view;
  if (!isResizable(buffer as ArrayBuffer)) return false;
  if (buffer.byteLength - byteOffset - byteLength >= elementBytes(view)) return false;
  const copy = structuredClone(view);
  const copied = copy.buffer as ResizableBuffer;
  if (byteLength > 0) {
    copied.resize(byteOffset);
    return !isOutOfBounds(copy);
  }
  const grown = byteOffset + elementBytes(view);
  if (grown > copied.maxByteLength) return false;
  copied.resize(grown);
  return copy.byteLength > 0;
}
