/**
 * What a parcel says of itself: who sent it, which one it is, what is attached; and a filling that can be checked.
 */
import { promise, Violation } from "./violation.ts";

/** What stands at the beginning of a parcel. */
export interface Payload {
  readonly sender: number;
  readonly number: number;
  readonly portals: readonly number[];
  readonly wrapped: boolean;
  readonly boxes: number;
}

const MAGIC = 0x5eed_1e55;
const WORDS = 7;

/** Bytes of a payload without a filling. */
export function payloadBytes(portalCount: number): number {
  return 4 * (WORDS + portalCount);
}

/** Fills all of `target`, which has room for the payload. */
export function writePayload(target: Uint8Array, payload: Payload): void {
  const { sender, number, portals, wrapped, boxes } = payload;
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  const words = [MAGIC, sender, number, target.length, portals.length, wrapped ? 1 : 0, boxes];
  for (const [index, word] of [...words, ...portals].entries())
    view.setUint32(4 * index, word, true);
  for (let at = payloadBytes(portals.length); at < target.length; at++)
    target[at] = filling(sender, number, at);
}

/** Reads a payload back. Throws when it is not as it was written. */
export function readPayload(bytes: Uint8Array): Payload {
  promise(bytes.length >= payloadBytes(0), "corrupt", () => `a parcel of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number): number => view.getUint32(4 * index, true);
  const [sender, number, portalCount] = [word(1), word(2), word(4)];
  const isWhole =
    word(0) === MAGIC && word(3) === bytes.length && payloadBytes(portalCount) <= bytes.length;
  promise(isWhole, "corrupt", () => `a parcel begins with ${word(0)} ${sender} ${number}`);
  for (let at = payloadBytes(portalCount); at < bytes.length; at++)
    if (bytes[at] !== filling(sender, number, at))
      throw new Violation("corrupt", `byte ${at} of parcel ${sender}/${number} is wrong`);
  const portals = Array.from({ length: portalCount }, (_, index) => word(WORDS + index));
  return { sender, number, portals, wrapped: word(5) === 1, boxes: word(6) };
}

function filling(sender: number, number: number, at: number): number {
  return (sender * 31 + number * 17 + at * 7) & 0xff;
}
