/**
 * The usual way to call native code.
 */
import type { Frame } from "./frame.ts";
import { nativeTurn } from "./native-turn.ts";

/** Runs `call`, which calls native code with a frame for its arguments. */
export function inFrame<T>(call: (frame: Frame) => T): T {
  const frame = nativeTurn.enter();
  try {
    return call(frame);
  } finally {
    nativeTurn.leave();
  }
}
