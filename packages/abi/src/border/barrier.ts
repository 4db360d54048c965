/**
 * No exception crosses into native code; it becomes a result.
 *
 * The backend would carry one across the native frames to whoever called these, and answer the native caller 0, which
 * is `OK`. It also throws for an answer that is no number.
 */
import { IPCZ_RESULT_INTERNAL, type IpczResult } from "@ipcz/api";
import { reportUncaught } from "../ffi/drain-tasks.ts";

/** Runs what native code has asked for; an exception is reported as uncaught and answered with `INTERNAL`. */
export function barrier(callee: () => IpczResult): IpczResult {
  try {
    const result: unknown = callee();
    return typeof result === "number" ? result : IPCZ_RESULT_INTERNAL;
  } catch (error) {
    reportUncaught(error);
    return IPCZ_RESULT_INTERNAL;
  }
}

/** The same where no result is asked for. */
export function voidBarrier(callee: () => void): void {
  try {
    callee();
  } catch (error) {
    reportUncaught(error);
  }
}
