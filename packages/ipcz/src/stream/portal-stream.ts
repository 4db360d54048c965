/**
 * A stream of bytes over a portal, with back-pressure from end to end.
 *
 * Each end allows the other so many bytes, and allows more as its reader takes them; so what is on its way or unread is
 * bounded, whichever processes the route leads through. The two directions end apart from each other.
 */
import { Buffer } from "node:buffer";
import { Duplex, type DuplexOptions } from "node:stream";
import { IpczError, isIpczError } from "../errors/ipcz-error.ts";
import type { Puttable } from "../objects/carried.ts";
import type { Parcel, Portal } from "../objects/objects.ts";
import {
  creditFrame,
  endFrame,
  failureFrame,
  firstCreditBytes,
  type Frame,
  frameBytesMax,
  FrameKind,
  readFrame,
} from "./frames.ts";

/** How a stream is made. */
export interface PortalStreamOptions extends Pick<
  DuplexOptions,
  "allowHalfOpen" | "readableHighWaterMark" | "writableHighWaterMark" | "emitClose" | "signal"
> {
  /** Bytes that the other end may have on their way or unread here; 64 KiB or more, 1 MiB by default. */
  readonly windowBytes?: number;
}

const windowBytesDefault: number = 1024 * 1024;

/** One write of several, as `_writev` is given them. */
export interface Chunk {
  readonly chunk: unknown;
  readonly encoding: BufferEncoding;
}

/** How far something got: all of it has left, the rest has to wait, or it never will. */
export type Progress = Error | "wait" | null;

/** Bytes to be sent, and what has to leave before the first of them. */
export interface Outgoing {
  /** What has not left. */
  bytes: Buffer;
  /** Sends that, if it has not done so before; called each time that bytes might leave. */
  readonly before?: () => Progress;
}

/**
 * A `Duplex` whose other end is a `PortalStream` in any process.
 *
 * `end()` ends one direction, `destroy()` both: with an error the other end fails with that message, without one it
 * fails unless everything was ended before. An end whose process is gone makes this one fail (`ERR_IPCZ_NOT_FOUND`).
 */
export class PortalStream extends Duplex {
  /** @internal */
  protected readonly portal: Portal;
  readonly #windowBytes: number;
  /** Bytes that we may send. */
  #credit = firstCreditBytes;
  /** What waits for credit. */
  #waiting: ((error?: Error) => void) | null = null;
  /** Bytes the other end may still send. */
  #allowed: number = firstCreditBytes;
  /** Bytes the reader has taken, for which the other end has not been allowed others. */
  #taken = 0;
  readonly #unread: Buffer[] = [];
  #wanted = false;
  #peerEnded = false;

  /** Makes a stream of a portal, whose peer must be made one, too. The portal is the stream's. */
  constructor(portal: Portal, options: PortalStreamOptions = {}) {
    const { windowBytes = windowBytesDefault, ...duplexOptions } = options;
    if (!(windowBytes >= firstCreditBytes))
      throw new RangeError(`windowBytes is at least ${firstCreditBytes}: ${String(windowBytes)}`);
    super({ ...duplexOptions, autoDestroy: true, decodeStrings: true });
    this.portal = portal;
    this.#windowBytes = windowBytes;
    this.#allow(windowBytes - firstCreditBytes);
    portal.on("readable", this.#drain);
  }

  /** Keeps the process alive, even if the node is `unref`ed. */
  ref(): this {
    this.portal.ref();
    return this;
  }

  /** Undoes `ref`. */
  unref(): this {
    this.portal.unref();
    return this;
  }

  /** @internal */
  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  /** @internal */
  override _write(
    chunk: unknown,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.send([{ bytes: asBuffer(chunk) }], callback);
  }

  /** @internal Small writes that had to wait leave together. */
  override _writev(chunks: readonly Chunk[], callback: (error?: Error | null) => void): void {
    this.send([{ bytes: Buffer.concat(chunks.map(({ chunk }) => asBuffer(chunk))) }], callback);
  }

  /** @internal */
  override _final(callback: (error?: Error | null) => void): void {
    const error = this.put(endFrame);
    // One that has ended and gone does not want to know.
    callback(this.#peerEnded && isIpczError(error, "ERR_IPCZ_NOT_FOUND") ? null : error);
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#waiting = null;
    this.#unread.length = 0;
    this.letGo();
    this.portal.off("readable", this.#drain);
    // What the other end knows already, or cannot be told, is not sent back to it.
    if (
      error &&
      !isIpczError(error, "ERR_IPCZ_NOT_FOUND") &&
      !isIpczError(error, "ERR_IPCZ_ABORTED")
    )
      this.put(failureFrame(error));
    this.portal.close();
    callback(error);
  }

  /** @internal The other end will send nothing more. */
  protected get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** @internal Sends all of it as far as that is allowed, and the rest when it is. */
  protected send(pieces: readonly Outgoing[], callback: (error?: Error | null) => void): void {
    let index = 0;
    const more = (gone?: Error): void => {
      let progress: Progress = gone ?? null;
      while (progress === null && index < pieces.length) {
        progress = this.#sendSome(pieces[index]!);
        if (progress === null) index++;
      }
      if (progress === "wait") this.#waiting = more;
      else callback(progress);
    };
    more();
  }

  /** Sends what may leave now, and takes it off. */
  #sendSome(piece: Outgoing): Progress {
    const before = piece.before?.() ?? null;
    if (before !== null) return before;
    while (piece.bytes.length > 0) {
      const count = Math.min(piece.bytes.length, this.#credit, frameBytesMax);
      if (count === 0) return "wait";
      const error = this.#putData(piece.bytes.subarray(0, count));
      if (error) return error;
      this.#credit -= count;
      piece.bytes = piece.bytes.subarray(count);
    }
    return null;
  }

  /** @internal The stream is being destroyed: what else it holds is let go. */
  protected letGo(): void {
    // Bytes are collected.
  }

  /** @internal More may be allowed now than before. */
  protected wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  #putData(bytes: Buffer): Error | null {
    return this.#attempt(() => {
      const put = this.portal.beginPut(1 + bytes.length);
      put.bytes[0] = FrameKind.data;
      put.bytes.set(bytes, 1);
      put.commit(1 + bytes.length);
    });
  }

  /** @internal Sends a frame; what went wrong, if anything: then what is attached is still the caller's. */
  protected put(frame: Puttable): Error | null {
    return this.#attempt(() => void this.portal.put(frame));
  }

  #attempt(action: () => void): Error | null {
    try {
      action();
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #allow(count: number): void {
    if (count === 0) return;
    this.#allowed += count;
    // If nobody is there to be told, what follows says so.
    this.put(creditFrame(count));
  }

  /** Takes all parcels there are. */
  readonly #drain = (): void => {
    while (!this.destroyed) {
      const parcel = this.portal.get();
      if (!parcel) break;
      const frame = readFrame(parcel.bytes);
      const isHonest = frame !== null && this.accept(frame, parcel);
      parcel.close();
      if (!isHonest) {
        this.destroy(new IpczError("ERR_IPCZ_INVALID_ARGUMENT", "the other end is no stream"));
        return;
      }
    }
    if (!this.destroyed && this.portal.status.dead) this.#lost();
  };

  /** @internal Takes what came in a parcel, which is closed afterwards. False: no honest peer sends that now. */
  protected accept(frame: Frame, _parcel: Parcel): boolean {
    switch (frame.kind) {
      case "data":
        if (frame.bytes.length > this.#allowed || this.#peerEnded) return false;
        this.#allowed -= frame.bytes.length;
        this.#unread.push(frame.bytes);
        this.#deliver();
        return true;
      case "credit":
        this.#credit += frame.count;
        this.wake();
        return true;
      case "end":
        if (this.#peerEnded) return false;
        this.#peerEnded = true;
        this.#deliver();
        return true;
      case "failure":
        this.destroy(new IpczError("ERR_IPCZ_ABORTED", frame.reason));
        return true;
      case "descriptors":
      case "descriptor-credit":
        return false;
    }
  }

  /** Gives the reader what it wants, and allows the other end as much more. */
  #deliver(): void {
    while (this.#wanted && this.#unread.length > 0) {
      const bytes = this.#unread.shift();
      if (!bytes) return;
      this.#taken += bytes.length;
      this.#wanted = this.push(bytes);
    }
    if (this.#taken >= this.#windowBytes / 4 && !this.#peerEnded) {
      const count = this.#taken;
      this.#taken = 0;
      this.#allow(count);
    }
    if (this.#peerEnded && this.#unread.length === 0) this.push(null);
  }

  /** The other end is closed, and all it sent has been taken out of the portal. */
  #lost(): void {
    this.portal.off("readable", this.#drain);
    const error = new IpczError("ERR_IPCZ_NOT_FOUND", "the other end of the stream is gone");
    if (!this.#peerEnded) this.destroy(error);
    // What it sent can still be read; only a write is in vain.
    else this.#waiting?.(error);
  }
}

/** The same bytes as a Buffer. */
export function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array)
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError("a stream takes bytes and text");
}
