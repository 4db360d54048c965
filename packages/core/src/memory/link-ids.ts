/**
 * New buffer and sublink ids of one link (spec: wire 4.9).
 *
 * Both sides draw from counters in the primary buffer; or, with MEM_V2, each from counters of its own, and side B's ids
 * have their high bit set.
 */
import {
  type BufferId,
  FOLDED_HIGH_BIT,
  type LinkSide,
  SIDE_B,
  type SublinkId,
} from "../wire/ids.ts";
import {
  FIRST_BUFFER_ID,
  FIRST_SUBLINK_ID,
  NEXT_BUFFER_ID_OFFSET,
  NEXT_SUBLINK_ID_OFFSET,
} from "./primary-buffer.ts";
import type { Region } from "./region.ts";

export class LinkIds {
  /** Null with MEM_V2. */
  private readonly shared: Region | null;
  private readonly highBit: number;
  private nextBufferId = FIRST_BUFFER_ID;
  private nextSublinkId = FIRST_SUBLINK_ID;

  constructor(primary: Region, side: LinkSide, memV2: boolean) {
    this.shared = memV2 ? null : primary;
    this.highBit = side === SIDE_B ? FOLDED_HIGH_BIT : 0;
  }

  /** Null when the peer has spoilt the shared counter. */
  takeBufferId(): BufferId | null {
    const id = this.shared
      ? this.shared.takeIds(NEXT_BUFFER_ID_OFFSET, 1)
      : this.highBit + this.nextBufferId++;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ids are named here
    return id as BufferId | null;
  }

  /** The first of `count` consecutive ids; null when the peer has spoilt the shared counter. */
  takeSublinkIds(count: number): SublinkId | null {
    const first = this.shared
      ? this.shared.takeIds(NEXT_SUBLINK_ID_OFFSET, count)
      : this.highBit + this.nextSublinkId;
    this.nextSublinkId += count;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ids are named here
    return first as SublinkId | null;
  }
}
