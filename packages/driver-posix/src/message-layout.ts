/**
 * Where the fields of `msghdr`, `iovec` and `cmsghdr` lie. 64-bit little-endian systems only.
 *
 * Systems differ in the width of two length fields; written as 32 bits into zeroed memory they come out right
 * for both widths.
 */

/** Offsets and sizes in bytes, for one system. */
export interface MessageLayout {
  /** `sizeof(struct msghdr)`. */
  readonly headerBytes: number;
  /** `msg_iov`, a pointer. */
  readonly vectors: number;
  /** `msg_iovlen`. */
  readonly vectorCount: number;
  /** `msg_control`, a pointer. */
  readonly control: number;
  /** `msg_controllen`. */
  readonly controlBytes: number;
  /** `msg_flags`, an int. */
  readonly flags: number;
  /** `CMSG_LEN(0)`: from the start of a control message to its data. */
  readonly controlHeaderBytes: number;
  /** `cmsg_level`, from the start of the control message. */
  readonly controlLevel: number;
  /** `cmsg_type`, likewise. */
  readonly controlType: number;
  /** Control messages start at multiples of this. */
  readonly controlAlignment: number;
}

/** `sizeof(struct iovec)`: a pointer and a size_t. */
export const vectorBytes = 16;

/** `SCM_RIGHTS`, the same everywhere. */
export const scmRights = 1;

/** `CMSG_LEN` for `count` descriptors. */
export function controlLength(layout: MessageLayout, count: number): number {
  return layout.controlHeaderBytes + 4 * count;
}

/** `CMSG_SPACE` for `count` descriptors. */
export function controlSpace(layout: MessageLayout, count: number): number {
  return alignUp(controlLength(layout, count), layout.controlAlignment);
}

/** Writes one SCM_RIGHTS control message at `start`; `numbers` are the descriptors. Returns its CMSG_SPACE. */
export function writeRights(
  layout: MessageLayout,
  view: DataView,
  start: number,
  level: number,
  numbers: readonly number[],
): number {
  view.setUint32(start, controlLength(layout, numbers.length), true);
  view.setInt32(start + layout.controlLevel, level, true);
  view.setInt32(start + layout.controlType, scmRights, true);
  let at = start + layout.controlHeaderBytes;
  for (const number of numbers) {
    view.setInt32(at, number, true);
    at += 4;
  }
  return controlSpace(layout, numbers.length);
}

/** Appends to `numbers` the descriptors in the `numBytes` bytes of control messages at `start`. */
export function readRights(
  layout: MessageLayout,
  view: DataView,
  start: number,
  numBytes: number,
  level: number,
  numbers: number[],
): void {
  const end = start + numBytes;
  let at = start;
  while (at + layout.controlHeaderBytes <= end) {
    const length = view.getUint32(at, true);
    if (length < layout.controlHeaderBytes) return;
    const isRights =
      view.getInt32(at + layout.controlLevel, true) === level &&
      view.getInt32(at + layout.controlType, true) === scmRights;
    if (isRights) {
      const last = Math.min(at + length, end);
      for (let data = at + layout.controlHeaderBytes; data + 4 <= last; data += 4) {
        numbers.push(view.getInt32(data, true));
      }
    }
    at += alignUp(length, layout.controlAlignment);
  }
}

/** The least multiple of `alignment`, a power of two, that is not below `value`. */
export function alignUp(value: number, alignment: number): number {
  return (value + alignment - 1) & -alignment;
}
