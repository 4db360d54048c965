/**
 * Two rings in shared memory and a pipe as doorbell for either end, and nothing else: the floor for whatever is built on
 * shared memory and written in JavaScript. Nobody is distrusted, nothing is checked.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";
import { foreign } from "@ipcz/abi/ffi";
import { type Carrier, nextMessage } from "../messages/port.ts";
import { FAR_STDIO, FarProcess } from "./far-process.ts";
import { close, ftruncate, memfdCreate, mmap, pipe2, write } from "./libc.ts";
import { StreamPort } from "./stream-port.ts";
import type { Stream, StreamListener } from "./stream.ts";

const FAR = fileURLToPath(new URL("./ring-far.js", import.meta.url));

const READ_AND_WRITE = 3;
const MAP_SHARED = 1;
const PIPE_FLAGS = 0o2004000; // non-blocking, closed in children

/** A power of two. */
const CAPACITY_BYTES = 4 << 20;
/** Words that different processes write lie in different cache lines. */
const HEADER_BYTES = 256;
const RING_BYTES = HEADER_BYTES + CAPACITY_BYTES;

/** Indices of words in front of a ring. */
const TAIL = 0;
const HEAD = 16;
const READER_SLEEPS = 32;
const WRITER_SLEEPS = 48;

const ONE = new Uint8Array(1);

interface Ring {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** What either end needs: the memory of both rings, the end of a pipe that is read and that of one that is written. */
export interface RingDescriptors {
  readonly memory: number;
  readonly ownBell: number;
  readonly otherBell: number;
}

export class RingStream implements Stream {
  private readonly descriptors: RingDescriptors;
  private readonly incoming: Ring;
  private readonly outgoing: Ring;
  private bell: Socket | null = null;
  private blocked = false;
  private closed = false;

  /** One end has `first` true, and sends through the first of the rings. */
  constructor(descriptors: RingDescriptors, first: boolean) {
    this.descriptors = descriptors;
    const address = mmap(null, 2 * RING_BYTES, READ_AND_WRITE, MAP_SHARED, descriptors.memory, 0);
    const memory = foreign.view(address, 2 * RING_BYTES);
    this.outgoing = ringIn(memory, first ? 0 : RING_BYTES);
    this.incoming = ringIn(memory, first ? RING_BYTES : 0);
  }

  open(listener: StreamListener): void {
    const callback = (): boolean => {
      this.work(listener);
      return true;
    };
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd: this.descriptors.ownBell,
      readable: true,
      writable: false,
      onread: { buffer: new Uint8Array(64), callback },
    };
    this.bell = new Socket(options);
    setImmediate(() => this.work(listener));
  }

  send(bytes: Uint8Array, count: number): number {
    const { words } = this.outgoing;
    let sent = this.put(bytes, 0, count);
    this.blocked = sent < count;
    if (this.blocked) {
      Atomics.store(words, WRITER_SLEEPS, 1);
      // Room that came before that was told to nobody.
      sent += this.put(bytes, sent, count);
    }
    if (Atomics.exchange(words, READER_SLEEPS, 0) === 1) this.ring();
    return sent;
  }

  receive(bytes: Uint8Array, count: number): number {
    const { words, bytes: ring } = this.incoming;
    const head = Atomics.load(words, HEAD);
    const length = Math.min((Atomics.load(words, TAIL) - head) | 0, count);
    if (length === 0) return -1;
    const start = head & (CAPACITY_BYTES - 1);
    const straight = Math.min(length, CAPACITY_BYTES - start);
    bytes.set(ring.subarray(start, start + straight));
    if (straight < length) bytes.set(ring.subarray(0, length - straight), straight);
    Atomics.store(words, HEAD, (head + length) | 0);
    if (Atomics.load(words, WRITER_SLEEPS) === 1) {
      Atomics.store(words, WRITER_SLEEPS, 0);
      this.ring();
    }
    return length;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.bell?.destroy();
    const { memory, otherBell } = this.descriptors;
    for (const fd of [memory, otherBell]) close(fd);
  }

  /** Reads, says that this end sleeps, and looks once more: what came in between rang no bell. */
  private work(listener: StreamListener): void {
    if (this.closed) return;
    const { words } = this.incoming;
    Atomics.store(words, READER_SLEEPS, 0);
    if (this.blocked) listener.writable();
    if (!isEmpty(words)) listener.readable();
    if (isEmpty(words)) Atomics.store(words, READER_SLEEPS, 1);
    if (!isEmpty(words)) setImmediate(() => this.work(listener));
  }

  /** Writes what there is room for of the bytes from `first` up to `end`. */
  private put(bytes: Uint8Array, first: number, end: number): number {
    const { words, bytes: ring } = this.outgoing;
    const tail = Atomics.load(words, TAIL);
    const free = CAPACITY_BYTES - ((tail - Atomics.load(words, HEAD)) | 0);
    const length = Math.min(free, end - first);
    const start = tail & (CAPACITY_BYTES - 1);
    const straight = Math.min(length, CAPACITY_BYTES - start);
    ring.set(bytes.subarray(first, first + straight), start);
    if (straight < length) ring.set(bytes.subarray(first + straight, first + length), 0);
    Atomics.store(words, TAIL, (tail + length) | 0);
    return length;
  }

  private ring(): void {
    write(this.descriptors.otherBell, ONE, ONE.length);
  }
}

function ringIn(memory: ArrayBuffer, start: number): Ring {
  return {
    words: new Int32Array(memory, start, HEADER_BYTES / 4),
    bytes: new Uint8Array(memory, start + HEADER_BYTES, CAPACITY_BYTES),
  };
}

function isEmpty(words: Int32Array): boolean {
  return Atomics.load(words, TAIL) === Atomics.load(words, HEAD);
}

/** The end that is read, and the one that is written. */
function openPipe(): [number, number] {
  const pair = new Int32Array(2);
  if (pipe2(pair, PIPE_FLAGS) !== 0) throw new Error("no pipe");
  return [pair[0]!, pair[1]!];
}

export const ring: Carrier<Uint8Array> = {
  open: async () => {
    const memory = memfdCreate("ring", 0);
    if (ftruncate(memory, 2 * RING_BYTES) !== 0) throw new Error("no shared memory");
    const [ownBell, farRope] = openPipe();
    const [farBell, otherBell] = openPipe();
    const child = spawn(process.execPath, [...process.execArgv, FAR], {
      stdio: [...FAR_STDIO, memory, farBell, farRope],
    });
    for (const fd of [farBell, farRope]) close(fd);
    const far = new FarProcess(child);
    const port = new StreamPort(new RingStream({ memory, ownBell, otherBell }, true));
    await nextMessage(port);
    return {
      port,
      close: () =>
        far.end(() => {
          child.kill("SIGKILL");
          port.close();
        }),
    };
  },
};
