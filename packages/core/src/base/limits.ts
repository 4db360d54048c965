/**
 * Every bound of the core, in one table: what may grow, how far, and why that far.
 *
 * What lies past a bound is the peer's fault unless the row says otherwise: its link is dropped and its memory given
 * back. Relations between bounds are checked at load, below.
 */
import { assert } from "./assert.ts";

export const Limits = {
  /** Initial portals of one connection; their sublinks are 0..11, their link states fixed slots (spec: wire 4.1). */
  initialPortalsMax: 12,
  /** Parts of one parcel, the main one included (spec: wire 1.9). */
  subparcelsMax: 1024,
  /**
   * How far a sequence number or final length may be ahead of the parcels that have come without a gap (spec: wire 8.1).
   * How many of those wait to be read is the application's business.
   */
  sequenceGapMax: 1_000_000,
  /** Largest safe id or length on the wire; the upper half of the safe integers holds MEM_V2 ids of side B. */
  wireIntegerMax: 4_503_599_627_370_495,
  /** Parcels kept per link for sublinks that are not known yet (spec: routing 10.6). */
  earlyParcelsMax: 1024,
  /** Bytes of those parcels. */
  earlyParcelBytesMax: 16_777_216,
  /** Halves and parts of parcels kept per link until the rest arrives (spec: routing 10.8). */
  partialParcelsMax: 4096,
  /** Parcels and link states kept per link for buffers that are not announced yet (spec: routing 10.8). */
  bufferWaitersMax: 65_536,
  /** Sublinks of one link. A million portal pairs between two nodes is in reach; a peer can make no more. */
  sublinksMax: 4_194_304,
  /** Shared buffers of one link. At the smallest size of 64 KiB this is 256 MiB. */
  buffersMax: 4096,
  /**
   * Where the sequences of a portal that arrives may stand, at most: no portal has sent or read as many parcels, and from
   * below it a route can go on counting (spec: routing 12.6).
   */
  arrivalPositionMax: 2_251_799_813_685_247,
  /** Newcomers that one node may have waiting at its broker; each holds 256 KiB. */
  pendingReferralsMax: 256,
  /** Bytes allocated for another node in one request: twice what the largest growth takes. More is refused. */
  delegatedBytesMax: 67_108_864,
  /** Milliseconds after which a removed sublink may be forgotten, at the earliest (spec: wire 9, row 10). */
  removedSublinkMsMin: 300_000,
  /**
   * Pages of 1024 removed sublinks that one link remembers in that time: 64 million that lie close together, as honest
   * peers number them. Past it older ones are forgotten early; a peer that scatters its ids has itself to blame.
   */
  removedSublinkPagesMax: 65_536,
  /** Compare-and-swap attempts on one shared word before it counts as "did not succeed" (spec: routing 10.8). */
  casAttemptsMax: 4096,
} as const;

assert(Limits.initialPortalsMax >= 8, "the contract asks for at least 8 initial portals");
assert(Limits.sequenceGapMax < Limits.wireIntegerMax, "a gap must be countable");
assert(Limits.subparcelsMax <= Limits.partialParcelsMax, "one parcel's parts must fit the table");
