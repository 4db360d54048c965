/**
 * What wakes the reader of a ring that is asleep: a byte in a pipe.
 *
 * A pipe, since each of its ends has a description of its own: no flag that the peer sets on its end makes a read or a
 * write of ours block. Of an event descriptor there is one description, and whoever clears its non-blocking flag
 * and fills or empties the counter at the right moment stops the other process. A round trip costs the same.
 */
import type { Address } from "@ipcz/abi/ffi";
import type { Descriptor } from "../fd.ts";
import { Readiness } from "../poll.ts";
import type { System } from "../system.ts";

/** Some memory to write from and to read to, for all doorbells of a driver. */
export interface BellBytes {
  readonly bytes: Uint8Array;
  readonly address: Address;
}

/** The writer's end. */
export class BellRope {
  private readonly system: System;
  private readonly pipe: Descriptor;
  private readonly memory: BellBytes;

  /** Takes the writing end of a pipe. */
  constructor(system: System, pipe: Descriptor, memory: BellBytes) {
    this.system = system;
    this.pipe = pipe;
    this.memory = memory;
  }

  /** Wakes the reader. A full pipe wakes it too, and if it is gone the socket says so. */
  pull(): void {
    if (this.pipe.open) this.system.libc.write(this.pipe.number, this.memory.address, 1);
  }

  close(): void {
    this.pipe.close();
  }
}

/** The reader's end. */
export class Bell {
  /** It has rung, and has not been silenced. */
  rings = false;
  private readonly system: System;
  private readonly pipe: Descriptor;
  private readonly memory: BellBytes;
  private readonly readiness: Readiness;

  /** Takes the reading end of a pipe that nobody else can make block. Throws, closing it, when it cannot be polled. */
  constructor(system: System, pipe: Descriptor, memory: BellBytes, listener: () => void) {
    this.system = system;
    this.pipe = pipe;
    this.memory = memory;
    this.readiness = new Readiness(system.foreign, pipe, () => {
      this.rings = true;
      listener();
      if (this.rings) this.silence();
    });
    // The socket keeps the process alive, or does not.
    this.readiness.refer(false);
    try {
      this.readiness.want(true, false);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Takes out what is in the pipe; to be done before the reader says that it sleeps. */
  silence(): void {
    this.rings = false;
    if (!this.pipe.open) return;
    const { address, bytes } = this.memory;
    const answer = this.system.libc.read(this.pipe.number, address, bytes.length);
    // Nobody will ring any more. That the peer is gone is for the socket to say.
    if (answer === 0) this.readiness.close();
  }

  close(): void {
    this.readiness.close();
    this.pipe.close();
  }
}
