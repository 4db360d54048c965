/**
 * Every bound of the driver, and why it is that number.
 */

/**
 * Bytes of the buffer a driver reads into; also the most that one read takes. Measured between two processes:
 * 16 KiB is slower for messages of 1 KiB; 64, 128 and 256 KiB could not be told apart, and the smallest is the
 * fairest.
 */
export const readBytes: number = 64 * 1024;

/** Reads per readiness event; then other descriptors have their turn, and the event loop comes back. */
export const readsMax = 4;

/** Bytes of a buffer that collects small frames for one send. */
export const chunkBytes: number = 32 * 1024;

/** Bytes of a buffer that starts with a frame that has descriptors. */
export const smallChunkBytes = 512;

/** A frame up to this long is copied once instead of being sent from where its bytes lie. */
export const copiedFrameBytesMax: number = 16 * 1024;

/** Frames waiting for the end of the turn are sent early when they amount to this much. */
export const coalescedBytesMax: number = 64 * 1024;

/** Buffers of one send; a system allows 1024. */
export const sendVectorsMax = 16;

/** Sends per readiness event; then other descriptors have their turn. */
export const sendsMax = 16;

/**
 * Descriptors that may wait to be sent over one transport; one more, and the connection is over. A peer that never
 * reads can ask for memory all the time, and without a bound the answers would take every descriptor of this process.
 * As many as one link may have buffers; hundreds more are on their way in the system.
 */
export const waitingDescriptorsMax = 4096;

/** Empty chunks a driver keeps for reuse. */
export const spareChunksMax = 4;

/** A buffer that held a partial frame is kept for the next one up to this size. */
export const keptFrameBytesMax: number = 64 * 1024;

/** A buffer for larger frames is kept up to this size, one for a whole driver. */
export const spareFrameBytesMax: number = 4 * 1024 * 1024;

/** Buffers beyond that size that are used again if the garbage collector has not taken them: two frames wait, say. */
export const collectableFramesMax = 2;

/**
 * Wanted size of the kernel's buffers of new sockets; the system may grant less. A large frame then leaves in one call,
 * and the two processes need not take turns: measured, frames of 1 MiB go half as fast again.
 */
export const socketBufferBytesDefault: number = 4 * 1024 * 1024;

/** Descriptors beside one send of the `mojo` format: its receivers have room for so many. */
export const mojoDescriptorsPerSendMax = 128;

/**
 * Descriptors of one frame of the `mojo` format, whose header could say 65 535: four sends full. So many can a peer make
 * us hold by never ending a frame.
 */
export const mojoDescriptorsMax: number = 4 * mojoDescriptorsPerSendMax;

/** A transport that has sent this many messages offers its peer a lane, unless an option says otherwise. */
export const laneAfterMessagesDefault = 16;

/**
 * Bytes of a ring's frames, unless an option says otherwise: some 5 000 small messages. What a reader falls behind
 * by more goes through the socket, which costs a quarter more. Only what is used of it takes memory.
 */
export const ringBytesDefault: number = 1024 * 1024;

/** The smallest ring: a few frames of the largest kind it takes. */
export const ringBytesMin: number = 64 * 1024;

/** The largest ring that an offer may ask us to map. */
export const ringBytesMax: number = 16 * 1024 * 1024;

/** Bytes read from a ring in one go; then others have their turn. */
export const ringReadBytesMax: number = 256 * 1024;

/** Turns between ring and socket in one go; then others have their turn. */
export const laneTurnsMax = 64;

/** Milliseconds that a transport reads and spins in one go; then the event loop has its turn. */
export const spinTurnMsMax = 1;

/** Wait before the next try when the system is out of buffers or of descriptors in flight. */
export const congestionMs = 2;

/** Connections accepted per readiness event; then others have their turn. */
export const acceptsMax = 16;

/** Connections that may wait to be accepted, unless an option says otherwise; Node's own default. */
export const listenBacklogDefault = 511;

/** Wait before accepting again when the system is out of descriptors. */
export const acceptPauseMs = 100;

/** Wait before connecting again to a listener with too many connections waiting. */
export const connectRetryMs = 5;
