/**
 * One unwinding of the stack: everything that happens between an entry into ipcz and the return to its caller.
 *
 * Entries are API calls and transport events; they nest (a synchronous driver delivers on the sender's stack, a trap
 * handler calls the API). What must not run while a router is in the middle of a change (trap handlers, the disposal
 * of parcels) is deferred, and runs in order before the outermost entry returns (spec: routing 12.5).
 */
import { assert } from "./assert.ts";
import { Deque } from "./deque.ts";

/** Something to be run later. */
export interface Job {
  run(): void;
}

export class Turn {
  private depth = 0;
  private callDepth = 0;
  private readonly jobs = new Deque<Job>();

  /** True while an API function is on the stack, however deep. */
  get withinApiCall(): boolean {
    return this.callDepth > 0;
  }

  /** An API function begins. Every call is paired with one of leaveCall, also when an exception passes. */
  enterCall(): void {
    this.depth++;
    this.callDepth++;
  }

  leaveCall(): void {
    this.callDepth--;
    this.leave();
  }

  /** A transport event begins; paired with leaveEvent. */
  enterEvent(): void {
    this.depth++;
  }

  leaveEvent(): void {
    this.leave();
  }

  /** A transport event from its beginning to its end; for those that come seldom. */
  event(body: () => void): void {
    this.enterEvent();
    try {
      body();
    } finally {
      this.leaveEvent();
    }
  }

  /** Runs `job` before the outermost entry returns, after the jobs deferred before it; at once outside any entry. */
  defer(job: () => void): void {
    this.deferJob({ run: job });
  }

  /** As defer, for a job that is an object already. */
  deferJob(job: Job): void {
    this.jobs.push(job);
    if (this.depth === 0) {
      this.depth++;
      this.leave();
    }
  }

  private leave(): void {
    assert(this.depth > 0, "an entry is left once");
    if (this.depth === 1 && this.jobs.length > 0) this.drain();
    this.depth--;
  }

  /** Jobs may defer further jobs; those run in the same loop. A job that throws is ours to report, not to lose. */
  private drain(): void {
    for (let job = this.jobs.shift(); job; job = this.jobs.shift())
      try {
        job.run();
      } catch (error) {
        report(error);
      }
  }
}

/** Runs `job`; an exception becomes an uncaught exception of the process and skips nothing that comes after. */
export function runReported(job: () => void): void {
  try {
    job();
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
