/**
 * Random numbers that a seed repeats: for schedules, faults and the names of seeded networks. Not fit for secrets.
 *
 * One generator per purpose ("stream"), so that a fault more or less leaves the order of deliveries as it was.
 * The generator is xoshiro128**, its state filled by splitmix32.
 */

const TWO_32 = 4_294_967_296;

/** What a generator is used for; each has its own sequence of numbers under one seed. */
export const RandomStream = { schedule: 1, faults: 2, bytes: 3 } as const;

/** A sequence of numbers determined by its seed and stream. */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number, stream: number) {
    let state = (seed % TWO_32) ^ Math.imul(Math.floor(seed / TWO_32), 0x85ebca6b);
    state ^= Math.imul(stream, 0xc2b2ae35);
    const mix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.a = mix();
    this.b = mix();
    this.c = mix();
    this.d = mix() | 1; // the all-zero state is the one that never changes
  }

  /** The next number, 0 to 2^32 - 1. */
  next(): number {
    const scrambled = Math.imul(this.b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** A number from 0 to `end` - 1; `end` is at least 1. */
  below(end: number): number {
    return Math.floor((this.next() / TWO_32) * end);
  }

  /** True with this probability: never at 0, always at 1. */
  chance(probability: number): boolean {
    return this.next() / TWO_32 < probability;
  }

  /** Fills the first `byteCount` bytes. */
  fill(bytes: Uint8Array, byteCount: number): void {
    for (let i = 0; i < byteCount; i++) bytes[i] = this.next() >>> 24;
  }
}
