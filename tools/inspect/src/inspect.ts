/**
 * A capture file as lines: when, on which link, from whom to whom, and what the message says.
 *
 * A capture is JSON: `frames` with `seq`, `tUs`, `link`, `from`, `to` and `bytesHex`, which is the reference driver's
 * frame: an 8-byte header (bytes, descriptors) and the ipcz message. Other fields are not looked at.
 */
import { describe } from "@ipcz/core/wire";

/** One frame, as far as it is printed. */
interface Frame {
  readonly seq: number;
  readonly tUs: number;
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly bytesHex: string;
}

/** The reference driver's header in front of each message. */
const FRAME_HEADER_BYTES = 8;

/** The lines of a capture; null: `text` is not a capture. */
export function inspect(text: string): readonly string[] | null {
  const frames = framesOf(text);
  return frames && frames.map(lineOf);
}

function framesOf(text: string): readonly Frame[] | null {
  const capture = parse(text);
  if (!isRecord(capture)) return null;
  const { frames } = capture;
  return Array.isArray(frames) && frames.every(isFrame) ? frames : null;
}

/** Undefined: not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isFrame(value: unknown): value is Frame {
  return (
    isRecord(value) &&
    typeof value["seq"] === "number" &&
    typeof value["tUs"] === "number" &&
    typeof value["link"] === "string" &&
    typeof value["from"] === "string" &&
    typeof value["to"] === "string" &&
    typeof value["bytesHex"] === "string" &&
    /^(?:[0-9a-f]{2})*$/i.test(value["bytesHex"])
  );
}

function lineOf({ seq, tUs, link, from, to, bytesHex }: Frame): string {
  const message = Buffer.from(bytesHex, "hex").subarray(FRAME_HEADER_BYTES);
  const time = (tUs / 1000).toFixed(1).padStart(8);
  return `${String(seq).padStart(4)} ${time} ms ${link} ${from}>${to} ${describe(message)}`;
}
