/**
 * Recorded traffic of the C library (test/fixtures/captures), and the tables' decoding that was recorded with it.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface CapturedDecoding {
  readonly message: string;
  readonly nodeSequenceNumber: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What a relay message carries. */
  readonly innerMessage?: CapturedDecoding;
}

export interface CapturedFrame {
  readonly seq: number;
  readonly messageId: number;
  readonly bytesHex: string;
  readonly numFds: number;
  readonly objects: readonly { readonly memorySize?: number }[];
  readonly decoded: CapturedDecoding;
}

export interface Capture {
  readonly scenario: string;
  readonly frames: readonly CapturedFrame[];
}

/** The socket driver's own header in front of each message. */
const FRAME_HEADER_BYTES = 8;

const folder = new URL("../fixtures/captures/", import.meta.url);

/** Every recorded scenario. */
export const CAPTURES: readonly Capture[] = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .toSorted()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Capture);

/** The message of a frame, in an array of its own. */
export function messageOf(frame: CapturedFrame): Uint8Array {
  return Uint8Array.from(Buffer.from(frame.bytesHex, "hex").subarray(FRAME_HEADER_BYTES));
}
