/**
 * The receiving end of a lane: a ring, and its doorbell.
 */
import { closeAll, Descriptor } from "../fd.ts";
import type { MemoryMapping } from "@ipcz/driver-base";
import { acceptPlainMemory } from "../memory.ts";
import type { FrameSink } from "../frame-sink.ts";
import { Bell } from "./doorbell.ts";
import type { LaneSupplies } from "./lane-supplies.ts";
import { RingReader } from "./read-ring.ts";
import { ringHeaderBytes, ringOver } from "./ring-layout.ts";

/** Who hears of messages, and of the doorbell. */
export interface LaneListener {
  readonly sink: FrameSink;
  readonly bell: () => void;
}

export class LaneIn {
  readonly ring: RingReader;
  private readonly bell: Bell;
  private readonly mapping: MemoryMapping;
  private readonly open: { count: number };

  /** Takes the mapping, of a ring's memory, and the bell. */
  private constructor(supplies: LaneSupplies, mapping: MemoryMapping, bell: Bell, sink: FrameSink) {
    this.ring = new RingReader(ringOver(mapping), supplies.read, sink);
    this.bell = bell;
    this.mapping = mapping;
    this.open = supplies.open;
    this.open.count++;
  }

  /**
   * Takes the two descriptors of an offer, also when it answers null: what they name is of no use, or the system
   * has nothing left. The writer is told of a success by the ring.
   */
  static take(
    supplies: LaneSupplies,
    capacity: number,
    descriptors: readonly Descriptor[],
    listener: LaneListener,
  ): LaneIn | null {
    const [file, pipe] = descriptors;
    if (!file || !pipe) return null;
    const mapping = mapRing(supplies, capacity, file);
    const bell = mapping && hangBell(supplies, pipe, listener.bell);
    closeAll(descriptors);
    if (!bell) {
      mapping?.close();
      return null;
    }
    const lane = new LaneIn(supplies, mapping, bell, listener.sink);
    lane.ring.take();
    return lane;
  }

  close(): void {
    this.open.count--;
    this.bell.close();
    this.mapping.close();
  }
}

function mapRing(
  { system, mapper }: LaneSupplies,
  capacity: number,
  file: Descriptor,
): MemoryMapping | null {
  const memory = acceptPlainMemory(system, file, ringHeaderBytes + capacity);
  const mapping = memory ? mapper.map(memory) : -1;
  return typeof mapping === "number" ? null : mapping;
}

function hangBell({ system }: LaneSupplies, pipe: Descriptor, listener: () => void): Bell | null {
  const number = system.platform.lanes?.reopenPipe(pipe.number) ?? -1;
  if (number < 0) return null;
  try {
    return new Bell(new Descriptor(system.libc, number), listener);
  } catch {
    // The system will not watch it.
    return null;
  }
}
