/**
 * What wakes the reader of a ring that is asleep: a byte in a pipe.
 *
 * A pipe, since each of its ends has a description of its own: no flag that the peer sets on its end makes a read or a
 * write of ours block. Of an event descriptor there is one description, and whoever clears its non-blocking flag
 * and fills or empties the counter at the right moment stops the other process.
 *
 * The event loop reads it, as it reads any pipe: that is a microsecond faster than to be told that it can be read, and to
 * read it (measured).
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";
import type { Address } from "@ipcz/abi/ffi";
import type { Descriptor } from "../fd.ts";
import type { System } from "../system.ts";

/** A byte to ring with, for all doorbells of a driver: it is of nobody's message. */
export interface BellByte {
  readonly bytes: Uint8Array;
  readonly address: Address;
}

/** Where rings go; what is in them is nothing. A peer that keeps ringing is heard once for so many. */
const rung = new Uint8Array(4096);

/** The writer's end. */
export class BellRope {
  private readonly system: System;
  private readonly pipe: Descriptor;
  private readonly byte: BellByte;

  /** Takes the writing end of a pipe. */
  constructor(system: System, pipe: Descriptor, byte: BellByte) {
    this.system = system;
    this.pipe = pipe;
    this.byte = byte;
  }

  /** Wakes the reader. A full pipe wakes it too, and if it is gone the socket says so. */
  pull(): void {
    if (this.pipe.open) this.system.libc.write(this.pipe.number, this.byte.address, 1);
  }

  close(): void {
    this.pipe.close();
  }
}

/** The reader's end. */
export class Bell {
  private readonly socket: Socket;

  /**
   * Takes the reading end of a pipe that nobody else can make block; `listener` is called from the event loop. Throws,
   * closing it, when the event loop cannot read it.
   */
  constructor(pipe: Descriptor, listener: () => void) {
    const callback = (): boolean => {
      listener();
      return true;
    };
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd: pipe.number,
      readable: true,
      writable: false,
      onread: { buffer: rung, callback },
    };
    try {
      this.socket = new Socket(options);
    } catch (error) {
      pipe.close();
      throw error;
    }
    pipe.release();
    // Once nobody can ring any more, it ends by itself. That the peer is gone is for the other socket to say.
    this.socket.on("error", () => undefined);
    // The other socket keeps the process alive, or does not.
    this.socket.unref();
  }

  close(): void {
    this.socket.destroy();
  }
}
