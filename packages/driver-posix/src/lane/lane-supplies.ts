/**
 * What the lanes of a driver share, and what an application can say about them.
 */
import {
  ringBytesDefault,
  ringBytesMax,
  ringBytesMin,
  laneAfterMessagesDefault,
} from "../limits.ts";
import type { Mapper } from "../mapping.ts";
import type { System } from "../system.ts";
import type { BellByte } from "./doorbell.ts";
import type { RingReadSupplies } from "./read-ring.ts";
import type { RingWriteSupplies } from "./write-ring.ts";

/** How lanes are made and read. */
export interface LaneOptions {
  /** How many messages a transport sends before it offers its peer a lane; 16 by default. */
  readonly afterMessages?: number;
  /** Bytes of a ring, a power of two from 64 KiB to 16 MiB; 1 MiB by default. */
  readonly ringBytes?: number;
  /**
   * How long a reader that has run out of messages looks for the next before it sleeps, in microseconds; 0, the default,
   * means not at all. While it looks, nothing else happens on this event loop. Worth it where processors are idle.
   */
  readonly spinMicros?: number;
}

/** The same with defaults filled in. */
export type LaneSettings = Required<LaneOptions>;

/** Fills in defaults; throws for a size or number that makes no sense. */
export function laneSettings(options: LaneOptions): LaneSettings {
  const {
    afterMessages = laneAfterMessagesDefault,
    ringBytes = ringBytesDefault,
    spinMicros = 0,
  } = options;
  const isPowerOfTwo = Number.isInteger(Math.log2(ringBytes));
  if (!isPowerOfTwo || ringBytes < ringBytesMin || ringBytes > ringBytesMax) {
    throw new RangeError(
      `ringBytes is a power of two from ${ringBytesMin} to ${ringBytesMax}, not ${ringBytes}`,
    );
  }
  if (!(afterMessages >= 1)) {
    throw new RangeError(`afterMessages is at least 1, not ${afterMessages}`);
  }
  if (!(spinMicros >= 0)) throw new RangeError(`spinMicros is not negative, as ${spinMicros} is`);
  return { afterMessages, ringBytes, spinMicros };
}

/** What the lanes of a driver share. */
export interface LaneSupplies {
  readonly system: System;
  readonly settings: LaneSettings;
  readonly mapper: Mapper;
  readonly bellByte: BellByte;
  readonly write: RingWriteSupplies;
  readonly read: RingReadSupplies;
  /** Ends of lanes that are open. */
  readonly open: { count: number };
}
