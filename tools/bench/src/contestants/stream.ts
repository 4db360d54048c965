/**
 * A stream of bytes that is read and written in calls of ours: what a floor supplies.
 */

/** Who is told of a stream that can go on. */
export interface StreamListener {
  readable(): void;
  writable(): void;
}

/** A stream of bytes each way that waits for nobody. */
export interface Stream {
  /** Begins to watch; called once. */
  open(listener: StreamListener): void;
  /** Takes the first of `count` bytes: how many. When not all of them, `writable` follows. */
  send(bytes: Uint8Array, count: number): number;
  /** Reads at most `count` bytes: how many, 0 at the end, below 0 when there are none now. */
  receive(bytes: Uint8Array, count: number): number;
  close(): void;
}
