/**
 * The sending end of a lane: a ring, and the rope of its doorbell.
 */
import { Descriptor } from "../fd.ts";
import type { MemoryMapping } from "@ipcz/driver-base";
import { createMemory } from "../memory.ts";
import { BellRope } from "./doorbell.ts";
import type { LaneSupplies } from "./lane-supplies.ts";
import { ringHeaderBytes, ringOver } from "./ring-layout.ts";
import { RingWriter } from "./write-ring.ts";

/** A lane, and the descriptors by which the reader gets its end of it. */
export interface MadeLane {
  readonly lane: LaneOut;
  readonly descriptors: readonly Descriptor[];
}

export class LaneOut {
  readonly ring: RingWriter;
  private readonly rope: BellRope;
  private readonly mapping: MemoryMapping;
  private readonly open: { count: number };

  /** Takes the mapping, of a ring's memory, and the rope. */
  private constructor(supplies: LaneSupplies, mapping: MemoryMapping, rope: BellRope) {
    this.ring = new RingWriter(ringOver(mapping), supplies.write);
    this.rope = rope;
    this.mapping = mapping;
    this.open = supplies.open;
    this.open.count++;
  }

  /** Makes a lane; null when the system has nothing left to make it of. */
  static make(supplies: LaneSupplies): MadeLane | null {
    const { system, mapper, bellByte, settings } = supplies;
    const pair = new Int32Array(2);
    if ((system.platform.lanes?.createPipe(pair) ?? -1) < 0) return null;
    const reading = new Descriptor(system.libc, pair[0] ?? -1);
    const writing = new Descriptor(system.libc, pair[1] ?? -1);
    const memory = createMemory(system, ringHeaderBytes + settings.ringBytes);
    const mapping = typeof memory === "number" ? memory : mapper.map(memory);
    if (typeof memory === "number" || typeof mapping === "number") {
      if (typeof memory !== "number") memory.close();
      reading.close();
      writing.close();
      return null;
    }
    const lane = new LaneOut(supplies, mapping, new BellRope(system, writing, bellByte));
    return { lane, descriptors: [...memory.surrenderAll(), reading] };
  }

  /** Wakes the reader if it sleeps. */
  wake(): void {
    if (this.ring.takeSleep()) this.rope.pull();
  }

  close(): void {
    this.open.count--;
    this.rope.close();
    this.mapping.close();
  }
}
