/**
 * What the checker can complain about: a reason from a fixed list, and the particulars.
 */

/** Every rule, and what its breach looks like. */
export const REASONS = {
  lost: "a parcel, or something attached to one, never came",
  doubled: "a parcel came twice",
  reordered: "a parcel came before an earlier one",
  stray: "a parcel came out of another route",
  corrupt: "a parcel's bytes are not those that were put",
  "cut-off": "a route broke, and nothing had happened to it",
  "half-closed": "one end of a route is cut off, and the other does not know",
  "closure-unseen": "an end does not know that the other is closed or gone",
  indirect: "a route is not two routers and one central link when all is quiet",
  locked: "a link's lock word is not free when all is quiet",
  references: "a link state is not counted twice when all is quiet",
  "routers-left": "routers live without a portal, or sublinks without a route",
  "objects-left": "driver objects are open when everything is closed",
  "handles-left": "handles are open when everything is closed",
  pending: "a handshake, referral or introduction has no outcome when all is quiet",
  trap: "a trap fired twice, or not at all",
  result: "a call answered something unexpected",
  restless: "the network does not come to rest",
  threw: "something threw",
} as const;

/** A rule of the checker. */
export type Reason = keyof typeof REASONS;

/** A broken promise. */
export class Violation extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Throws a {@link Violation} unless `holds`. */
export function promise(holds: boolean, reason: Reason, message: () => string): asserts holds {
  if (!holds) throw new Violation(reason, message());
}
