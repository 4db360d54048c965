/**
 * The backend's poll with its sharp edges taken off.
 *
 * Used bare, it aborts the process for a descriptor that cannot be polled, crashes it when a closed handle is
 * touched, stops silently when a handle is collected, keeps exceptions for the next native call to throw, and
 * does not run promise reactions. Each rule below answers one of these; all were reproduced before they were
 * written.
 */
import { fstatSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import { drainTasks, reportUncaught } from "./drain-tasks.ts";
import type { PollHandle, PollInterest, PollListener } from "./foreign.ts";

/** What the backend reports with each event. */
export interface RawPollEvents {
  readonly readable: boolean;
  readonly writable: boolean;
}

type RawListener = (status: number, events: RawPollEvents) => void;

/**
 * When listeners run: `direct`, in the backend's callback; `deferred`, in the immediate phase right after it.
 *
 * Direct is a microsecond faster. A worker that is terminated while JavaScript runs in the backend's callback takes
 * the whole process down; deferred, that callback is over in no time. This does not make `terminate` safe: with a
 * descriptor that is ready at that moment, the runtime's clean-up calls the backend once more, and the process
 * aborts (10 of 10 times on Node 20 to 26). Nothing here can prevent that; a worker should close its handles.
 */
export type PollMode = "direct" | "deferred";

/** The backend's handle. */
export interface RawPollHandle {
  start(interest: PollInterest, listener: RawListener): void;
  stop(): void;
  ref(): void;
  unref(): void;
  close(): void;
}

/** Makes a backend handle that is already started. */
export type RawPoll = (
  descriptor: number,
  interest: PollInterest,
  listener: RawListener,
) => RawPollHandle;

/**
 * The safe poll over a backend's. One per thread: it knows which descriptors have a handle, and holds on to
 * these.
 */
export function safePoll(
  rawPoll: RawPoll,
  mode: PollMode,
): (descriptor: number, listener: PollListener) => PollHandle {
  // By descriptor: to refuse a second handle, and to keep handles from being collected.
  const live = new Map<number, SafePollHandle>();
  let first = true;
  return (descriptor, listener) => {
    checkPollable(descriptor);
    if (first) {
      first = false;
      process.once("exit", () => closeAll(live));
    }
    if (live.has(descriptor)) throw new Error(`poll: descriptor ${descriptor} is polled already`);
    const handle = new SafePollHandle(rawPoll, live, descriptor, listener, mode);
    live.set(descriptor, handle);
    return handle;
  };
}

/**
 * The runtime's own clean-up turns the event loop once more, when no JavaScript may run: an event for a handle
 * that is still open would abort the process instead of letting it end.
 */
function closeAll(live: Map<number, SafePollHandle>): void {
  for (const handle of live.values()) handle.close();
}

/** Throws unless the event loop can watch `descriptor`; the backend would abort the process. */
function checkPollable(descriptor: number): void {
  if (!Number.isInteger(descriptor) || descriptor < 0) {
    throw new Error(`poll: ${descriptor} is not a descriptor`);
  }
  const stats = fstatSync(descriptor);
  const fileType = stats.mode & 0o170000;
  const pollable = stats.isSocket() || stats.isFIFO() || fileType === 0 || isatty(descriptor);
  if (!pollable)
    throw new Error(`poll: descriptor ${descriptor} is a file; files are never polled`);
}

class SafePollHandle implements PollHandle {
  private readonly rawPoll: RawPoll;
  private readonly live: Map<number, SafePollHandle>;
  private readonly descriptor: number;
  private readonly listener: PollListener;
  private readonly onEvent: RawListener;
  private raw: RawPollHandle | null = null;
  private referenced = true;
  private closed = false;

  constructor(
    rawPoll: RawPoll,
    live: Map<number, SafePollHandle>,
    descriptor: number,
    listener: PollListener,
    mode: PollMode,
  ) {
    this.rawPoll = rawPoll;
    this.live = live;
    this.descriptor = descriptor;
    this.listener = listener;
    this.onEvent = mode === "direct" ? this.callNow : this.callSoon;
  }

  private readonly callNow: RawListener = (status, events) => {
    try {
      if (!this.closed) this.listener(status, events.readable, events.writable);
    } catch (error) {
      reportUncaught(error);
    }
    drainTasks();
  };

  // Events repeat while their cause lasts, and immediates run before the next: one at a time is enough.
  private readonly callSoon: RawListener = (status, events) => {
    setImmediate(() => {
      if (!this.closed) this.listener(status, events.readable, events.writable);
    });
  };

  watch(interest: PollInterest): void {
    if (this.closed) return;
    if (!interest.readable && !interest.writable) {
      this.raw?.stop();
      return;
    }
    // A copy without other fields: the backend knows one more, which is not wanted.
    const wanted = { readable: interest.readable, writable: interest.writable };
    if (this.raw) {
      this.raw.start(wanted, this.onEvent);
      return;
    }
    this.raw = this.rawPoll(this.descriptor, wanted, this.onEvent);
    if (!this.referenced) this.raw.unref();
  }

  stop(): void {
    if (!this.closed) this.raw?.stop();
  }

  ref(): void {
    this.referenced = true;
    if (!this.closed) this.raw?.ref();
  }

  unref(): void {
    this.referenced = false;
    if (!this.closed) this.raw?.unref();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.live.delete(this.descriptor);
    this.raw?.close();
    this.raw = null;
  }
}
