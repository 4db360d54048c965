/** What random networks are made of, mode by mode. */
export interface RandomOptions {
  readonly seed: number;
  /** How many things the application does. */
  readonly steps?: number;
  readonly nodes?: number;
  readonly merges?: boolean;
  readonly closes?: boolean;
  readonly crash?: boolean;
  /** Connections between living nodes are lost now and then. */
  readonly cuts?: boolean;
  /** Chance that two nodes cannot be introduced to each other. */
  readonly strangers?: number;
  /** Chance that a message is delivered on the sender's stack. */
  readonly now?: number;
  /** Chance that a new buffer's announcement may be overtaken. */
  readonly lateBuffers?: number;
  /** Chance that a parcel without attachments comes before or after what was sent with it. */
  readonly unordered?: number;
  /** Link states are scarce, and more memory takes its time. */
  readonly scarce?: boolean;
  /** Memory that was asked for may never come: routes may then stay as they are. */
  readonly refusals?: boolean;
  readonly oneWorld?: boolean;
  /** Driver objects travel by relay between these nodes. */
  readonly relays?: boolean;
}

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
