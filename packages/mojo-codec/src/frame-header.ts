/**
 * The header of a frame: what stands before each ipcz message on a stream (spec: mojo 1.1).
 *
 * It says its own length first. Eight bytes are the original form; sixteen add the time of sending, which is for the
 * receiver's statistics and for nothing else. Longer ones may come, and are skipped.
 */

/** Bytes of the header's first form, and of what has to be there before a header can be read. */
export const frameHeaderBytesMin = 8;

/** Bytes of the form with the time of sending. */
export const timedFrameHeaderBytes = 16;

/** Most handles that a header can announce. */
export const frameHandlesMax = 0xffff;

const at = { headerBytes: 0, handleCount: 2, frameBytes: 4, sentLow: 8, sentHigh: 12 } as const;
const wordSize = 2 ** 32;

/** What a header says. */
export interface MojoFrameHeader {
  /** Where the message begins. */
  readonly headerBytes: number;
  /** Handles that come beside the frame; on Windows always 0. */
  readonly handleCount: number;
  /** The whole frame, header included. */
  readonly frameBytes: number;
}

/** Writes a header of `frameHeaderBytesMin` bytes at `start`. */
export function writeFrameHeader(
  view: DataView,
  start: number,
  { headerBytes, handleCount, frameBytes }: MojoFrameHeader,
): void {
  view.setUint16(start + at.headerBytes, headerBytes, true);
  view.setUint16(start + at.handleCount, handleCount, true);
  view.setUint32(start + at.frameBytes, frameBytes, true);
}

/** Adds the time of sending to a header of `timedFrameHeaderBytes`: microseconds of the system's monotonic clock. */
export function writeSendTime(view: DataView, start: number, micros: number): void {
  const whole = Math.max(0, Math.floor(micros));
  view.setUint32(start + at.sentLow, whole % wordSize, true);
  view.setUint32(start + at.sentHigh, Math.floor(whole / wordSize), true);
}

/** The length of the header at `start`, and with it where its message begins. */
export function readHeaderBytes(view: DataView, start: number): number {
  return view.getUint16(start + at.headerBytes, true);
}

/** How many handles the header at `start` announces. */
export function readHandleCount(view: DataView, start: number): number {
  return view.getUint16(start + at.handleCount, true);
}

/** The length of the frame at `start`, header included. */
export function readFrameBytes(view: DataView, start: number): number {
  return view.getUint32(start + at.frameBytes, true);
}

/** False for lengths that no sender writes: a header shorter than the shortest, a frame shorter than its header. */
export function isFrameHeader(headerBytes: number, frameBytes: number): boolean {
  return headerBytes >= frameHeaderBytesMin && frameBytes >= headerBytes;
}
