/**
 * Readiness of one socket on the event loop: what is wanted, told to the poll only when it changes.
 *
 * The poll handle is made when something is wanted first, and closed before its descriptor; two handles for one
 * descriptor, or one that outlives it, would crash the process.
 */
import type { Foreign, PollHandle } from "@ipcz/abi/ffi";
import type { Descriptor } from "./fd.ts";

/**
 * Told that the socket is ready. With `alone` nothing is being watched any more: what is there must be read
 * now.
 */
export type ReadinessListener = (readable: boolean, writable: boolean, alone: boolean) => void;

/** Watches one socket. */
export class Readiness {
  private readonly foreign: Foreign;
  private readonly socket: Descriptor;
  private readonly listener: ReadinessListener;
  private handle: PollHandle | null = null;
  private readable = false;
  private writable = false;
  private referenced = true;

  constructor(foreign: Foreign, socket: Descriptor, listener: ReadinessListener) {
    this.foreign = foreign;
    this.socket = socket;
    this.listener = listener;
  }

  /** Says what is wanted from now on. Throws when the socket cannot be polled. */
  want(readable: boolean, writable: boolean): void {
    if (readable === this.readable && writable === this.writable) return;
    this.handle ??= this.open();
    this.handle.watch({ readable, writable });
    this.readable = readable;
    this.writable = writable;
  }

  /** Whether watching keeps the process alive. */
  refer(referenced: boolean): void {
    this.referenced = referenced;
    if (referenced) this.handle?.ref();
    else this.handle?.unref();
  }

  /** Ends it; to be done before the descriptor is closed or given away. */
  close(): void {
    this.handle?.close();
    this.handle = null;
    this.readable = false;
    this.writable = false;
  }

  private open(): PollHandle {
    const handle = this.foreign.poll(this.socket.number, (status, readable, writable) => {
      const alone = status < 0;
      if (alone) {
        this.readable = false;
        this.writable = false;
      }
      this.listener(readable || alone, writable || alone, alone);
    });
    if (!this.referenced) handle.unref();
    return handle;
  }
}
