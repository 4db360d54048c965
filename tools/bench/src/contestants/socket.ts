/**
 * A Unix socket pair through foreign functions and nothing else: the floor for whatever is built on sockets and written in
 * JavaScript. What is sent in one turn leaves in one call. Linux only: the numbers are.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { foreign, type PollHandle } from "@ipcz/abi/ffi";
import { type Carrier, nextMessage, type Port } from "../messages/port.ts";
import { FAR_STDIO, FarProcess } from "./far-process.ts";
import { LENGTH_BYTES } from "./frames.ts";
import { SocketReader } from "./socket-reader.ts";

const FAR = fileURLToPath(new URL("./socket-far.js", import.meta.url));

const AF_UNIX = 1;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
/** Stream, non-blocking, closed in children. */
const SOCKET_TYPE = 0o2004001;
const SEND_FLAGS = 0x4040; // no signal, do not wait
const RECEIVE_FLAGS = 0x40;
const EAGAIN = 11;
/** What the driver of ipcz asks for too. */
const SOCKET_BUFFER_BYTES = 4 << 20;
const CHUNK_BYTES = 64 << 10;

const libc = foreign.load(null);
const socketpair = libc.bind<
  (domain: number, type: number, protocol: number, pair: Int32Array) => number
>("int socketpair(int domain, int type, int protocol, int *pair)");
const setsockopt = libc.bind<
  (fd: number, level: number, option: number, value: Int32Array, size: number) => number
>("int setsockopt(int fd, int level, int option, const int *value, uint32_t size)");
const send = libc.bind<(fd: number, bytes: Uint8Array, count: number, flags: number) => number>(
  "int64_t send(int fd, const void *bytes, size_t count, int flags)",
);
const recv = libc.bind<(fd: number, bytes: Uint8Array, count: number, flags: number) => number>(
  "int64_t recv(int fd, void *bytes, size_t count, int flags)",
);
const close = libc.bind<(fd: number) => number>("int close(int fd)");

export class SocketPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly fd: number;
  private readonly poll: PollHandle;
  private readonly reader = new SocketReader(
    (bytes, count) => this.receive(bytes, count),
    (message) => this.onMessage(message[0] ?? 0, () => message),
  );
  /** What waits to be sent, in order; the last may still be filled. */
  private waiting: Uint8Array[] = [];
  private chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private chunkBytes = 0;
  private flushing = false;
  private blocked = false;

  constructor(fd: number) {
    this.fd = fd;
    this.poll = foreign.poll(fd, (_, readable, writable) => {
      if (writable) this.flush();
      if (readable && !this.reader.read()) this.close();
    });
    this.poll.watch({ readable: true, writable: false });
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    const fits = this.chunkBytes + LENGTH_BYTES + message.length <= CHUNK_BYTES;
    if (!fits) this.sealChunk();
    this.chunk.writeUInt32LE(message.length, this.chunkBytes);
    this.chunkBytes += LENGTH_BYTES;
    if (LENGTH_BYTES + message.length <= CHUNK_BYTES) {
      this.chunk.set(message, this.chunkBytes);
      this.chunkBytes += message.length;
    } else {
      this.sealChunk();
      this.waiting.push(message);
    }
    if (this.flushing || this.blocked) return;
    this.flushing = true;
    queueMicrotask(this.flush);
  }

  close(): void {
    this.poll.close();
    close(this.fd);
  }

  /** What is in the chunk goes before what comes now. */
  private sealChunk(): void {
    if (this.chunkBytes === 0) return;
    this.waiting.push(this.chunk.subarray(0, this.chunkBytes));
    this.chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.chunkBytes = 0;
  }

  private readonly flush = (): void => {
    this.flushing = false;
    while (this.waiting.length > 0) {
      const [first] = this.waiting;
      const rest = first && this.sendNow(first, first.length);
      if (rest) this.waiting[0] = rest;
      if (rest) return;
      this.waiting.shift();
    }
    const rest = this.chunkBytes > 0 ? this.sendNow(this.chunk, this.chunkBytes) : null;
    if (rest) this.waiting.push(Uint8Array.from(rest));
    this.chunkBytes = 0;
    if (!rest) this.block(false);
  };

  /** What could not be sent; null: nothing is left. */
  private sendNow(bytes: Uint8Array, count: number): Uint8Array | null {
    const sent = send(this.fd, bytes, count, SEND_FLAGS);
    if (sent === count) return null;
    if (sent < 0 && foreign.errno() !== EAGAIN) throw new Error("send failed");
    this.block(true);
    return bytes.subarray(Math.max(sent, 0), count);
  }

  private block(blocked: boolean): void {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.poll.watch({ readable: true, writable: blocked });
  }

  private receive(bytes: Uint8Array, count: number): number {
    const received = recv(this.fd, bytes, count, RECEIVE_FLAGS);
    if (received < 0 && foreign.errno() !== EAGAIN) throw new Error("recv failed");
    return received;
  }
}

export const socket: Carrier<Uint8Array> = {
  open: async () => {
    const pair = new Int32Array(2);
    if (socketpair(AF_UNIX, SOCKET_TYPE, 0, pair) !== 0) throw new Error("no socket pair");
    const [ours = -1, theirs = -1] = pair;
    const size = Int32Array.of(SOCKET_BUFFER_BYTES);
    for (const fd of pair)
      for (const option of [SO_SNDBUF, SO_RCVBUF]) setsockopt(fd, SOL_SOCKET, option, size, 4);
    const child = spawn(process.execPath, [...process.execArgv, FAR], {
      stdio: [...FAR_STDIO, theirs],
    });
    close(theirs);
    const far = new FarProcess(child);
    const port = new SocketPort(ours);
    await nextMessage(port);
    return { port, close: () => far.end(() => port.close()) };
  },
};
