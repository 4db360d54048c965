/**
 * One stay in native code: everything between a call into it and the return to the JavaScript that made the call.
 *
 * Calls nest. What native code reports meanwhile (a trap that fired, an object that ended) is not acted on while native
 * frames are on the stack, some of which hold locks: it waits and is run, in order, before the outermost call returns.
 */
import { foreign } from "../ffi/koffi.ts";
import { voidBarrier } from "./barrier.ts";
import { Frame } from "./frame.ts";

/** Something to be run when no native function is on the stack. */
export type Job = () => void;

/** Where jobs come from that other threads have left; answers null when there is none. */
export type JobSource = () => Job | null;

class NativeTurn {
  private depth = 0;
  private draining = false;
  private readonly frames: Frame[] = [];
  private readonly jobs: Job[] = [];
  private elsewhere: JobSource | null = null;

  /** A call into native code begins; paired with leave, also when an exception passes. */
  enter(): Frame {
    const frame = (this.frames[this.depth] ??= new Frame(foreign));
    this.depth++;
    frame.reset();
    return frame;
  }

  leave(): void {
    this.depth--;
    if (this.depth === 0) this.drain();
  }

  /** Runs `job` when no native function is on the stack: before the outermost call returns, or at once. */
  defer(job: Job): void {
    this.jobs.push(job);
    if (this.depth === 0) this.drain();
  }

  /** Jobs that other threads leave are fetched from `source` whenever a stay ends. */
  alsoFrom(source: JobSource): void {
    this.elsewhere = source;
  }

  /** Runs what there is to run. A job may call native code again; what that leaves is run in the same loop. */
  drain(): void {
    if (this.draining) return;
    this.draining = true;
    try {
      for (let job = this.next(); job !== null; job = this.next()) voidBarrier(job);
    } finally {
      this.draining = false;
    }
  }

  private next(): Job | null {
    return this.jobs.shift() ?? this.elsewhere?.() ?? null;
  }
}

/** The native turn of this thread. */
export const nativeTurn: NativeTurn = new NativeTurn();
