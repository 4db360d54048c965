/**
 * Where threads of the C library raced in a recording, with an outcome that a library of one thread cannot have.
 *
 * Nothing else is excused, and an excuse that is not needed counts as a difference.
 */

/** Messages of one direction that took their numbers in another order than they were sent. */
export interface RacedNumbers {
  readonly direction: string;
  /** Positions in that direction; among these messages the numbers may be swapped. */
  readonly positions: readonly number[];
  readonly because: string;
}

/** By the captures' names. */
export const racedNumbers: Readonly<Record<string, RacedNumbers>> = {
  memory_delegate: {
    direction: "B>A",
    positions: [2, 3],
    because:
      "the application's thread sent the parcel while the transport's thread, which had taken its number before, " +
      "was about to announce the buffer",
  },
};
