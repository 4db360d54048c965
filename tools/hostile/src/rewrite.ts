/**
 * Rewriting of a link's shared memory: what another process could do to it at any time.
 *
 * Where: the counters and link states at the front of the primary buffer; the heads of its free lists; the first word of
 * any block, which is a free list's header, a link state's reference count or a parcel's first bytes; anywhere. What:
 * words that mean something, a bit, one more or less, a word from elsewhere, noise, and now and then a whole stretch.
 */
import type { SeededRandom } from "@ipcz/driver-mem";
import { LAST_BLOCKS } from "./primary.ts";

/** How hard a vandal works; the gentle ones let links live long enough to get into every state. */
export const TEMPERS = ["gentle", "busy", "raging"] as const;
export type Temper = (typeof TEMPERS)[number];

const SPECIAL = [0, 1, 2, 3, 0x0f, 64, 128, 4096, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const HEADS = [1024, 96_000, 98_304, 102_400, 106_496, 114_688, ...LAST_BLOCKS.map(([at]) => at)];
const FRONT_BYTES = 1100;
const BLOCK_BYTES = 64;

/** Rewrites words of `words` once; answers how many. */
export function rewrite(words: Uint32Array, temper: Temper, random: SeededRandom): number {
  if (temper === "raging" && random.chance(0.02)) return fill(words, random);
  const count = temper === "gentle" ? 1 : 1 + random.below(temper === "busy" ? 16 : 128);
  for (let i = 0; i < count; i++) rewriteOne(words, random);
  return count;
}

function rewriteOne(words: Uint32Array, random: SeededRandom): void {
  const at = place(words.length, random);
  const choice = random.below(8);
  if (choice < 2) Atomics.store(words, at, SPECIAL[random.below(SPECIAL.length)] ?? 0);
  else if (choice < 4) Atomics.xor(words, at, 1 << random.below(32));
  else if (choice < 6) Atomics.add(words, at, random.below(3) - 1);
  else if (choice < 7) Atomics.store(words, at, Atomics.load(words, place(words.length, random)));
  else Atomics.store(words, at, random.next());
}

/** The index of a word. */
function place(length: number, random: SeededRandom): number {
  const choice = random.below(8);
  if (choice < 3) return random.below(Math.min(length, FRONT_BYTES / 4));
  if (choice < 4) return Math.min(length - 1, (HEADS[random.below(HEADS.length)] ?? 0) / 4);
  if (choice < 7) return (BLOCK_BYTES / 4) * random.below(Math.ceil(length / (BLOCK_BYTES / 4)));
  return random.below(length);
}

/** Noise, zeros or ones from somewhere to somewhere, or all over. */
function fill(words: Uint32Array, random: SeededRandom): number {
  const start = random.chance(0.3) ? 0 : random.below(words.length);
  const end = random.chance(0.3) ? words.length : start + random.below(words.length - start) + 1;
  const choice = random.below(3);
  for (let at = start; at < end; at++)
    Atomics.store(words, at, choice === 0 ? random.next() : choice === 1 ? 0 : 0xffff_ffff);
  return end - start;
}
