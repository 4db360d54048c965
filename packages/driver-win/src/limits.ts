/**
 * Every bound of the driver, and why it is that number.
 */

/**
 * Bytes that a pipe takes in each direction before its writer waits. Wanted more than promised; the system charges
 * non-paged memory for what is in use.
 */
export const pipeBufferBytes: number = 64 * 1024;

/** Bytes of a buffer that collects small frames for one write. */
export const chunkBytes: number = 32 * 1024;

/** Frames that wait for the end of the turn are written early when they amount to this much. */
export const coalescedBytesMax: number = 64 * 1024;

/** Bytes of one write: the next begins when the system is done with it. */
export const writeBytesMax: number = 1024 * 1024;

/** A partial frame's buffer is kept for the next one up to this size. */
export const keptFrameBytesMax: number = 64 * 1024;

/**
 * Objects serialized for one transport whose message has not been transmitted yet. Core transmits at once; more are the
 * mistake of a caller who serializes and throws away.
 */
export const unsentCargoMax = 65_536;

/** Wait before connecting again to a pipe whose instances are all taken. */
export const connectRetryMs = 5;

/** Wait before offering an instance of a pipe again when the system is short of something. */
export const acceptPauseMs = 100;
