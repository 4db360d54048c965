/**
 * A stream of bytes some of which have descriptors: files, pipes and sockets that belong to what is said of them.
 *
 * Descriptors leave before the byte they belong to, and can be taken from when that byte can be read. They have a
 * window of their own, as bytes have: a process can run out of them.
 */
import { Buffer } from "node:buffer";
import { Box, type Parcel, type Portal } from "../objects/objects.ts";
import { boxCopy } from "../objects/carried.ts";
import { ReceivedFile } from "../port/descriptor-cargo.ts";
import {
  descriptorCreditFrame,
  descriptorsFrame,
  firstCreditDescriptors,
  type Frame,
} from "./frames.ts";
import {
  asBuffer,
  type Chunk,
  type Progress,
  PortalStream,
  type PortalStreamOptions,
} from "./portal-stream.ts";

/** How a stream with descriptors is made. */
export interface DescriptorStreamOptions extends PortalStreamOptions {
  /** Descriptors that the other end may have on their way or untaken here; 16 or more, 64 by default. */
  readonly windowDescriptors?: number;
}

/** Descriptors that came with bytes. */
export interface StreamDescriptors {
  /** The place in the stream of the byte they belong to, the first of their write; the stream begins with byte 0. */
  readonly position: number;
  /** In the order in which they were written; the program's to close. */
  readonly files: readonly ReceivedFile[];
}

interface Arrived {
  readonly position: number;
  readonly boxes: readonly Box[];
}

const windowDescriptorsDefault = 64;

/**
 * A `PortalStream` that also takes descriptors, over drivers that send them. The other end must be one, too.
 *
 * Descriptors that nobody has taken are closed when the stream is, as it is when both directions have ended: they are
 * taken with their bytes, at the latest when `end` is emitted.
 */
export class DescriptorStream extends PortalStream {
  /** What has not left, by the chunk it belongs to. */
  readonly #leaving = new Map<unknown, readonly Box[]>();
  /** Descriptors that we may send. */
  #credit: number = firstCreditDescriptors;
  /** What nobody has taken, in order; also of bytes that cannot be read yet. */
  readonly #arrived: Arrived[] = [];
  /** Descriptors the other end may still send. */
  #allowed: number = firstCreditDescriptors;
  #bytesArrived = 0;
  #bytesReadable = 0;

  /** Makes a stream of a portal, whose peer must be made one, too. The portal is the stream's. */
  constructor(portal: Portal, options: DescriptorStreamOptions = {}) {
    const { windowDescriptors = windowDescriptorsDefault, ...streamOptions } = options;
    if (!(windowDescriptors >= firstCreditDescriptors))
      throw new RangeError(
        `windowDescriptors is at least ${firstCreditDescriptors}: ${String(windowDescriptors)}`,
      );
    super(portal, streamOptions);
    this.#allow(windowDescriptors - firstCreditDescriptors);
  }

  /** Descriptors that came with bytes that can be read or have been, and that nobody has taken. */
  get readableDescriptors(): number {
    let count = 0;
    for (const { position, boxes } of this.#arrived)
      if (position < this.#bytesReadable) count += boxes.length;
    return count;
  }

  /**
   * Writes bytes and descriptors that belong to the first of them: as `write`, and in order with it. Copies the
   * descriptors at once, the given ones stay the caller's; the copies are closed if they never leave.
   *
   * Throws, with nothing written, when there is no byte, when there are more than 16 descriptors, when one is not open,
   * when the system has no more, or when the driver sends none (`ERR_IPCZ_UNSUPPORTED`).
   *
   * @param descriptors numbers, or what has one: a `FileHandle`.
   * @returns false when the writer had better wait for `drain`.
   */
  writeDescriptors(
    chunk: Uint8Array | string,
    descriptors: readonly (number | { readonly fd: number })[],
    callback?: (error: Error | null | undefined) => void,
  ): boolean {
    // An object that nobody else has: by it the descriptors are found when its turn comes.
    const own = typeof chunk === "string" ? Buffer.from(chunk) : asBuffer(chunk.subarray());
    if (own.length === 0) throw new RangeError("descriptors belong to a byte, and there is none");
    if (descriptors.length > firstCreditDescriptors)
      throw new RangeError(`one write takes ${firstCreditDescriptors} descriptors at most`);
    // A write that is in vain fails in the way of streams.
    if (this.writable && descriptors.length > 0)
      this.#leaving.set(own, copyAll(this.portal, descriptors));
    return this.write(own, callback);
  }

  /**
   * Takes the descriptors of the next write that had any, once its first byte can be read; null when there are none. In
   * a `data` listener: what belongs to the chunk, and to chunks before it.
   */
  takeDescriptors(): StreamDescriptors | null {
    const [next] = this.#arrived;
    if (!next || next.position >= this.#bytesReadable) return null;
    this.#arrived.shift();
    if (!this.peerEnded) this.#allow(next.boxes.length);
    return { position: next.position, files: next.boxes.map(openFile) };
  }

  /** @internal */
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (Buffer.isBuffer(chunk)) this.#bytesReadable += chunk.length;
    return super.push(chunk, encoding);
  }

  /** @internal */
  override _write(
    chunk: unknown,
    encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#sendAll([{ chunk, encoding }], callback);
  }

  /** @internal */
  override _writev(chunks: readonly Chunk[], callback: (error?: Error | null) => void): void {
    this.#sendAll(chunks, callback);
  }

  /** @internal */
  protected override letGo(): void {
    for (const boxes of this.#leaving.values()) closeAll(boxes);
    this.#leaving.clear();
    for (const { boxes } of this.#arrived.splice(0)) closeAll(boxes);
  }

  /** @internal */
  protected override accept(frame: Frame, parcel: Parcel): boolean {
    switch (frame.kind) {
      case "descriptors":
        return this.#acceptDescriptors(parcel);
      case "descriptor-credit":
        this.#credit += frame.count;
        this.wake();
        return true;
      case "end":
        return !this.#awaitsByte && super.accept(frame, parcel);
      case "data":
        this.#bytesArrived += frame.bytes.length;
        return super.accept(frame, parcel);
      case "credit":
      case "failure":
        return super.accept(frame, parcel);
    }
  }

  /** There are descriptors whose byte has not come. */
  get #awaitsByte(): boolean {
    return this.#arrived.at(-1)?.position === this.#bytesArrived;
  }

  #acceptDescriptors(parcel: Parcel): boolean {
    const { handles } = parcel;
    const boxes = handles.filter(isDescriptor);
    const isHonest =
      boxes.length === handles.length &&
      boxes.length > 0 &&
      boxes.length <= this.#allowed &&
      !this.#awaitsByte &&
      !this.peerEnded;
    if (!isHonest) {
      closeAll(handles);
      return false;
    }
    this.#allowed -= boxes.length;
    this.#arrived.push({ position: this.#bytesArrived, boxes });
    return true;
  }

  /** Small writes leave together, up to the next that has descriptors. */
  #sendAll(chunks: readonly Chunk[], callback: (error?: Error | null) => void): void {
    const groups: { first: unknown; bytes: Buffer[] }[] = [];
    for (const { chunk } of chunks) {
      const last = groups.at(-1);
      if (last && !this.#leaving.has(chunk)) last.bytes.push(asBuffer(chunk));
      else groups.push({ first: chunk, bytes: [asBuffer(chunk)] });
    }
    this.send(
      groups.map(({ first, bytes }) => ({
        bytes: bytes.length > 1 ? Buffer.concat(bytes) : asBuffer(first),
        before: () => this.#sendDescriptors(first),
      })),
      callback,
    );
  }

  #sendDescriptors(chunk: unknown): Progress {
    const boxes = this.#leaving.get(chunk);
    if (!boxes) return null;
    if (boxes.length > this.#credit) return "wait";
    const error = this.put({ bytes: descriptorsFrame, handles: boxes });
    if (error) return error;
    this.#leaving.delete(chunk);
    this.#credit -= boxes.length;
    return null;
  }

  /** At once, whatever their number: the next write may need all there can be. */
  #allow(count: number): void {
    if (count === 0) return;
    this.#allowed += count;
    this.put(descriptorCreditFrame(count));
  }
}

function copyAll(
  portal: Portal,
  descriptors: readonly (number | { readonly fd: number })[],
): readonly Box[] {
  const boxes: Box[] = [];
  try {
    for (const each of descriptors)
      boxes.push(portal[boxCopy](typeof each === "number" ? each : each.fd));
    return boxes;
  } catch (error) {
    closeAll(boxes);
    throw error;
  }
}

function isDescriptor(object: Portal | Box): object is Box {
  return object instanceof Box && object.type === "descriptor";
}

function openFile(box: Box): ReceivedFile {
  const contents = box.open();
  if (contents.type === "descriptor") return new ReceivedFile(contents.descriptor);
  throw new TypeError("what was a descriptor is none any more");
}

function closeAll(objects: readonly { close(): void }[]): void {
  for (const each of objects) each.close();
}
