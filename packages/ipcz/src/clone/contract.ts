/**
 * What the code for single kinds of objects may ask of the message they are part of.
 */
import type { BytesIn } from "./bytes-in.ts";
import type { BytesOut } from "./bytes-out.ts";
import type { CloneBounds } from "./format.ts";

/** A blob's place in the message: nobody can read it at once. */
export interface PendingBlob {
  readonly blob: Blob;
  /** Which chunk its bytes replace; they are exactly as many. */
  readonly chunk: number;
}

/** What is in the transfer list of a message. */
export interface Transferred {
  /** What travels beside the bytes, and its index there. */
  readonly indices: ReadonlyMap<object, number>;
  /** Buffers that travel in the bytes, and will be gone from here. */
  readonly buffers: ReadonlySet<ArrayBufferLike>;
}

/** A message being written. */
export interface MessageOut {
  readonly out: BytesOut;
  readonly bounds: CloneBounds;
  readonly transferred: Transferred;
  /** Blobs whose bytes are still to be read, in the order of their chunks. */
  readonly blobs: PendingBlob[];
  /** Bytes that resizable buffers may grow to. */
  reservedBytes: number;
  write(value: unknown): void;
  /** Counts values that are written in other ways; throws when there are too many. */
  countValues(count: number): void;
  /** A text that is part of something else. */
  text(value: string): void;
}

/** A message being read. */
export interface MessageIn {
  readonly from: BytesIn;
  readonly bounds: CloneBounds;
  /** Bytes that resizable buffers may grow to. */
  reservedBytes: number;
  read(): unknown;
  /** Counts values that are read in other ways; throws when there are too many. */
  countValues(count: number): void;
  /** A text that is part of something else. */
  text(): string;
  /** Gives an object the next index: before anything in it is read, since that may refer to it. */
  register<T extends object>(object: T): T;
  /** As {@link MessageIn.register}, for what is made only after its parts. Answers how to put it there. */
  registerLater(): (object: object) => void;
}
