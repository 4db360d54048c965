/** What random networks are made of, mode by mode. */
import type { RandomOptions } from "./random-network.ts";

const ALL = { merges: true, closes: true };

/** Every kind of trouble, alone and together. */
export const RANDOM_MODES: Readonly<Record<string, Omit<RandomOptions, "seed">>> = {
  "moves and puts": {},
  "merges and closures": { ...ALL },
  "link states scarce, buffers late": { ...ALL, scarce: true, lateBuffers: 0.4 },
  "a node dies": { ...ALL, crash: true },
  "a node dies, link states scarce": { ...ALL, crash: true, scarce: true, lateBuffers: 0.4 },
  "connections lost": { ...ALL, cuts: true },
  "connections lost, all mixed": { ...ALL, cuts: true, now: 0.5, scarce: true, lateBuffers: 0.3 },
  "introductions refused": { ...ALL, strangers: 0.3, scarce: true },
  "delivered on the sender's stack": { ...ALL, now: 1 },
  "delivered at once or later": { ...ALL, now: 0.5, scarce: true, lateBuffers: 0.3 },
  "a node dies, delivered at once or later": { ...ALL, crash: true, now: 0.6, scarce: true },
  "all nodes in one world": { ...ALL, oneWorld: true, now: 0.6 },
  "objects relayed": { ...ALL, relays: true },
  "parcels out of order": { ...ALL, unordered: 0.5, now: 0.3, lateBuffers: 0.4 },
  "parcels out of order, connections lost": { ...ALL, unordered: 0.5, cuts: true, scarce: true },
  "memory refused": { ...ALL, scarce: true, refusals: true },
};
