/**
 * The 64-byte lock word of a central link (spec: wire 4.8, routing 4).
 *
 * Both ends of the link, in two processes or in one, agree through its status word on who may replace the link: only
 * when both sides are stable (hold no decaying links) can one of them take the lock, and it says whom it let ask for
 * the replacement. The word is advisory: a hostile peer can write anything, to the harm of its own route only.
 */
import { Limits } from "../base/limits.ts";
import { type LinkSide, type NodeName, NO_NODE, SIDE_A } from "../wire/ids.ts";
import type { Region } from "./region.ts";
import { initialiseRef } from "./shared-ref.ts";

/** Bytes of a link state. */
export const LINK_STATE_BYTES = 64;
/** Both sides stable, nobody waiting, nobody locked. */
export const STATUS_STABLE = 0x03;

const STATUS_OFFSET = 4;
const SOURCE_HIGH_OFFSET = 8;
const SOURCE_LOW_OFFSET = 16;

const STABLE_A = 0x01;
const STABLE_B = 0x02;
const WAITING_A = 0x04;
const WAITING_B = 0x08;
const LOCKED_A = 0x10;
const LOCKED_B = 0x20;
const LOCKED = LOCKED_A | LOCKED_B;

/** One algorithm over two kinds of storage: a fragment, or the private memory of a link within one node. */
export abstract class LinkState {
  /** For a link between two routers of this node. `status` is STATUS_STABLE for a fresh pair, else 0. */
  static inPrivateMemory(status: number): LinkState {
    return new PrivateLinkState(status);
  }

  /** At an 8-aligned `offset` of a shared buffer, with 64 bytes inside it. */
  static inSharedMemory(region: Region, offset: number): LinkState {
    return new SharedLinkState(region, offset);
  }

  /** The status word as it is now. */
  abstract readonly status: number;
  /** Names the node that may ask for a bypass; to be called by the holder of the lock. */
  abstract setAllowedSource(name: NodeName): void;
  abstract allowedSource(): NodeName;

  protected abstract setBits(bits: number): void;
  protected abstract clearBits(bits: number): void;
  /** Writes `next` if the status is `expected`; answers what was there. */
  protected abstract exchange(expected: number, next: number): number;

  /** `side` has no decaying links any more. */
  markStable(side: LinkSide): void {
    this.setBits(stableBit(side));
  }

  /**
   * Takes the lock for `side`. If only the other side's stability is missing, `side` is noted as waiting, and the
   * other side will flush it. Losing against a lock leaves no such note.
   */
  tryLock(side: LinkSide): boolean {
    let status = this.status;
    for (let attempt = 0; attempt < Limits.casAttemptsMax; attempt++) {
      if ((status & LOCKED) !== 0 || (status & stableBit(side)) === 0) return false;
      const bothStable = (status & STATUS_STABLE) === STATUS_STABLE;
      const next = status | (bothStable ? lockBit(side) : waitingBit(side));
      const found = this.exchange(status, next);
      if (found === status) return bothStable;
      status = found;
    }
    return false;
  }

  /** Gives up the lock of `side`: the bypass turned out impossible. */
  unlock(side: LinkSide): void {
    this.clearBits(lockBit(side));
  }

  /** Asked by the opposite side: was `side` waiting, and can it proceed now? Its note is taken away then. */
  takeWaiting(side: LinkSide): boolean {
    let status = this.status;
    for (let attempt = 0; attempt < Limits.casAttemptsMax; attempt++) {
      const bothStable = (status & STATUS_STABLE) === STATUS_STABLE;
      if (!bothStable || (status & LOCKED) !== 0 || (status & waitingBit(side)) === 0) return false;
      const found = this.exchange(status, status & ~waitingBit(side));
      if (found === status) return true;
      status = found;
    }
    return false;
  }

  lockedBy(side: LinkSide): boolean {
    return (this.status & lockBit(side)) !== 0;
  }
}

/** Makes a fresh link state, with one reference, in a block of its own. */
export function initialiseLinkState(region: Region, offset: number): void {
  // Not the first word: whoever lost a race for this block may still be reading it.
  region.bytes(offset + STATUS_OFFSET, LINK_STATE_BYTES - STATUS_OFFSET).fill(0);
  initialiseRef(region, offset);
}

class SharedLinkState extends LinkState {
  private readonly region: Region;
  private readonly offset: number;

  constructor(region: Region, offset: number) {
    super();
    this.region = region;
    this.offset = offset;
  }

  get status(): number {
    return this.region.loadU32(this.offset + STATUS_OFFSET);
  }

  setAllowedSource(name: NodeName): void {
    this.region.storeLong(this.offset + SOURCE_HIGH_OFFSET, BigInt(`0x${name.slice(0, 16)}`));
    this.region.storeLong(this.offset + SOURCE_LOW_OFFSET, BigInt(`0x${name.slice(16)}`));
  }

  allowedSource(): NodeName {
    const high = this.region.loadLong(this.offset + SOURCE_HIGH_OFFSET);
    const low = this.region.loadLong(this.offset + SOURCE_LOW_OFFSET);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this text is a name by construction
    return (hex64(high) + hex64(low)) as NodeName;
  }

  protected setBits(bits: number): void {
    this.region.setBits(this.offset + STATUS_OFFSET, bits);
  }

  protected clearBits(bits: number): void {
    this.region.clearBits(this.offset + STATUS_OFFSET, bits);
  }

  protected exchange(expected: number, next: number): number {
    return this.region.compareExchange(this.offset + STATUS_OFFSET, expected, next) >>> 0;
  }
}

class PrivateLinkState extends LinkState {
  status: number;
  private source: NodeName = NO_NODE;

  constructor(status: number) {
    super();
    this.status = status;
  }

  setAllowedSource(name: NodeName): void {
    this.source = name;
  }

  allowedSource(): NodeName {
    return this.source;
  }

  protected setBits(bits: number): void {
    this.status |= bits;
  }

  protected clearBits(bits: number): void {
    this.status &= ~bits;
  }

  protected exchange(_expected: number, next: number): number {
    const found = this.status;
    this.status = next;
    return found;
  }
}

function stableBit(side: LinkSide): number {
  return side === SIDE_A ? STABLE_A : STABLE_B;
}

function waitingBit(side: LinkSide): number {
  return side === SIDE_A ? WAITING_A : WAITING_B;
}

function lockBit(side: LinkSide): number {
  return side === SIDE_A ? LOCKED_A : LOCKED_B;
}

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}
