/**
 * Recorded traffic of the C library, as its files have it (spec: wire 7.2). Only the fields that a replay compares.
 */

/** A place in a buffer of a link, and what was there. */
export interface CapturedFragment {
  readonly bufferId: string;
  readonly offset: number;
  readonly size: number;
  /** The first bytes, data header included. Absent when the recorder could not look into that buffer. */
  readonly headHex?: string;
}

/** A link state that a message announced, as it was when the message passed the recorder. */
export interface CapturedLinkState {
  readonly bufferId: string;
  readonly offset: number;
  readonly size: number;
  readonly hex: string;
}

/** One message. */
export interface CapturedFrame {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
  readonly messageId: number;
  /** The whole frame of the socket driver: its own header, then the message. */
  readonly bytesHex: string;
  readonly numFds: number;
  readonly fragment?: CapturedFragment;
  readonly linkStateFragments?: readonly CapturedLinkState[];
  /** The first 24 bytes of the link state of initial portal 0, when the message passed the recorder. */
  readonly linkState0?: string;
  /** The receiver never got it. */
  readonly droppedByHarness?: boolean;
}

/** The end of a connection; `from` is the node that ended it. */
export interface CapturedClosing {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
}

/** The non-zero bytes of a buffer at one moment, in rows of 16. */
export interface CapturedImage {
  readonly link: string;
  readonly bufferId: string;
  readonly when: string;
  readonly size: number;
  readonly nonZeroRows: readonly { readonly offset: number; readonly hex: string }[];
  /** How many rows there were; absent when all are listed. */
  readonly nonZeroRowsTotal?: number;
}

/** One recorded scenario. */
export interface Capture {
  readonly scenario: string;
  readonly description: string;
  /** Names of the nodes by label, in hexadecimal. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly frames: readonly CapturedFrame[];
  readonly events: readonly CapturedClosing[];
  readonly memory: readonly CapturedImage[];
}

const SOCKET_HEADER_BYTES = 8;

/** The message in a frame, in hexadecimal. */
export function messageHex(frame: CapturedFrame): string {
  return frame.bytesHex.slice(2 * SOCKET_HEADER_BYTES);
}
