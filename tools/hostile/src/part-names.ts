/** The parts of a run, in their order. */
export const PART_NAMES = [
  "messages",
  "streams",
  "pipes",
  "thread-vandal",
  "process-vandal",
  "refusals",
  "exhaustion",
  "slow-peers",
  "handlers",
  "kills",
] as const;
export type PartName = (typeof PART_NAMES)[number];
