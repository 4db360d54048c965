/**
 * Sequence numbers and lengths.
 *
 * A length is an absolute count from the beginning of a route, so an exclusive upper bound for sequence numbers: 5
 * means parcels 0..4. Both are safe integers here; the wire's 64 bits are checked when a message is read.
 */

/** The number of one parcel of a route, from 0, in one direction. */
export type SequenceNumber = number;

/** How many parcels; also the first number that does not exist: 5 means 0..4. */
export type SequenceLength = number;
