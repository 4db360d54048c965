/**
 * Optional features of a node, as bits in 64-bit words on the wire (spec: wire 3.5).
 *
 * Unknown bits and further words are ignored and not passed on; missing words count as zero.
 */

/** What a node can do beyond the basics; on a link only what both ends can do is in force. */
export interface Features {
  /** Buffer and sublink ids come from counters of each side instead of shared memory. */
  readonly memV2: boolean;
}

/** None: also what a handshake without feature words means. */
export const NO_FEATURES: Features = { memV2: false };

const MEM_V2_BIT = 1n;

/** One word, also when no feature is on. */
export function featuresToWords(features: Features): readonly bigint[] {
  return [features.memV2 ? MEM_V2_BIT : 0n];
}

export function featuresFromWords(words: readonly bigint[]): Features {
  const first = words[0] ?? 0n;
  return { memV2: (first & MEM_V2_BIT) !== 0n };
}

/** The features in force between two nodes. */
export function commonFeatures(own: Features, remote: Features): Features {
  return { memV2: own.memV2 && remote.memV2 };
}
