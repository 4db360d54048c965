/**
 * A handle of the application's (a file, a pipe), wrapped so that it can travel in a box.
 */
import type { WinHandle } from "./handle.ts";

/** One of them. */
export class PlatformHandle {
  readonly kind = "platform-handle";
  readonly handle: WinHandle;

  /** Takes the handle. */
  constructor(handle: WinHandle) {
    this.handle = handle;
  }

  close(): void {
    this.handle.close();
  }
}
