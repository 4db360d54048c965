/**
 * Looking for the next message before going to sleep.
 *
 * Between two processors a message is seen within a microsecond, a doorbell takes ten. But nothing else happens here
 * meanwhile, so looking is done only where it would have paid the last time; and each look lets others use this
 * processor, the peer perhaps among them: without that, on a small machine, both wait for the end of the look
 * (measured: twice its length for a round trip).
 */
import { performance } from "node:perf_hooks";
import type { System } from "../system.ts";
import type { RingReader } from "./read-ring.ts";

/** Spends the time between two messages of one ring. */
export class Spinner {
  private readonly system: System;
  private readonly lengthMs: number;
  private pays = true;
  private began = 0;

  constructor(system: System, micros: number) {
    this.system = system;
    this.lengthMs = micros / 1000;
  }

  /** Looks for a while; true when there is something to read. */
  look(ring: RingReader): boolean {
    if (this.lengthMs === 0) return false;
    this.began = performance.now();
    if (!this.pays) return false;
    const end = this.began + this.lengthMs;
    while (ring.idle) {
      if (performance.now() >= end) {
        this.pays = false;
        return false;
      }
      this.system.libc.yieldProcessor();
    }
    return true;
  }

  /** The reader was woken: had looking gone on from the start, would it have seen why? */
  woken(): void {
    if (this.lengthMs > 0) this.pays = performance.now() - this.began <= 2 * this.lengthMs;
  }
}
