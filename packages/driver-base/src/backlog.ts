/**
 * Who waits for a transport's backlog to shrink.
 */
import { reportUncaught } from "@ipcz/abi/ffi";

interface Watch {
  readonly numBytes: number;
  readonly handler: () => void;
}

/** The watches of one transport. */
export class BacklogWatches {
  private watches: Watch[] = [];

  /** `handler` is called once, by {@link BacklogWatches.tell}. */
  add(numBytes: number, handler: () => void): void {
    this.watches.push({ numBytes, handler });
  }

  /** Somebody waits. */
  get any(): boolean {
    return this.watches.length > 0;
  }

  /** So many bytes wait now; 0 when none will ever leave any more. */
  tell(backlog: number): void {
    if (this.watches.length === 0) return;
    const due = this.watches.filter(({ numBytes }) => backlog <= numBytes);
    if (due.length === 0) return;
    this.watches = this.watches.filter(({ numBytes }) => backlog > numBytes);
    for (const { handler } of due)
      try {
        handler();
      } catch (error) {
        reportUncaught(error);
      }
  }
}
