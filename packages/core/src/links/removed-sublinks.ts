/**
 * Ids of sublinks that were removed lately: what comes for them is late, not early (spec: wire 9, row 10).
 *
 * They are kept in two generations, so that each is remembered for `removedSublinkMsMin` and at most twice as long. Ids come
 * from counters and lie close together, so a generation is pages of bits: a million of them take some 200 KiB.
 */
import { Limits } from "../base/limits.ts";
import type { SublinkId } from "../wire/ids.ts";

/** Ids of one page. */
const PAGE_IDS = 1024;
const WORD_IDS = 32;

type Generation = Map<number, Uint32Array>;

export class RemovedSublinks {
  private now: Generation = new Map();
  private before: Generation = new Map();
  private rotatedAt: number;
  private readonly clock: () => number;

  /** `clock` gives milliseconds; only differences are used. */
  constructor(clock: () => number) {
    this.clock = clock;
    this.rotatedAt = clock();
  }

  add(sublink: SublinkId): void {
    this.rotateIfDue();
    const place = sublink % PAGE_IDS;
    const bits = this.pageOf(Math.floor(sublink / PAGE_IDS));
    const word = Math.floor(place / WORD_IDS);
    bits[word]! |= 1 << (place % WORD_IDS);
  }

  has(sublink: SublinkId): boolean {
    this.rotateIfDue();
    return isIn(this.now, sublink) || isIn(this.before, sublink);
  }

  clear(): void {
    this.now.clear();
    this.before.clear();
  }

  /** The page of this generation; it makes room for a new one by forgetting early. */
  private pageOf(number: number): Uint32Array {
    const found = this.now.get(number);
    if (found) return found;
    if (this.now.size >= Limits.removedSublinkPagesMax) this.rotate();
    const page = new Uint32Array(PAGE_IDS / WORD_IDS);
    this.now.set(number, page);
    return page;
  }

  private rotateIfDue(): void {
    if (this.clock() - this.rotatedAt >= Limits.removedSublinkMsMin) this.rotate();
  }

  private rotate(): void {
    this.before = this.now;
    this.now = new Map();
    this.rotatedAt = this.clock();
  }
}

function isIn(generation: Generation, sublink: SublinkId): boolean {
  const place = sublink % PAGE_IDS;
  const word = generation.get(Math.floor(sublink / PAGE_IDS))?.[Math.floor(place / WORD_IDS)] ?? 0;
  return (word & (1 << (place % WORD_IDS))) !== 0;
}
