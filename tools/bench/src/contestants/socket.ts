/**
 * A Unix socket pair through foreign functions and nothing else: the floor for whatever is built on sockets and written in
 * JavaScript.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { foreign, type PollHandle } from "@ipcz/abi/ffi";
import { type Carrier, nextMessage } from "../messages/port.ts";
import { FAR_STDIO, FarProcess } from "./far-process.ts";
import { close, EAGAIN, recv, send, setsockopt, socketpair } from "./libc.ts";
import { StreamPort } from "./stream-port.ts";
import type { Stream, StreamListener } from "./stream.ts";

const FAR = fileURLToPath(new URL("./socket-far.js", import.meta.url));

const AF_UNIX = 1;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
/** Stream, non-blocking, closed in children. */
const SOCKET_TYPE = 0o2004001;
const SEND_FLAGS = 0x4040; // no signal, do not wait
const RECEIVE_FLAGS = 0x40;
/** What the driver of ipcz asks for too. */
const SOCKET_BUFFER_BYTES = 4 << 20;

export class SocketStream implements Stream {
  private readonly fd: number;
  private poll: PollHandle | null = null;

  constructor(fd: number) {
    this.fd = fd;
  }

  open(listener: StreamListener): void {
    this.poll = foreign.poll(this.fd, (_, readable, writable) => {
      if (writable) {
        this.watch(false);
        listener.writable();
      }
      if (readable) listener.readable();
    });
    this.watch(false);
  }

  send(bytes: Uint8Array, count: number): number {
    const sent = send(this.fd, bytes, count, SEND_FLAGS);
    if (sent === count) return count;
    if (sent < 0 && foreign.errno() !== EAGAIN) throw new Error("send failed");
    this.watch(true);
    return Math.max(sent, 0);
  }

  receive(bytes: Uint8Array, count: number): number {
    const received = recv(this.fd, bytes, count, RECEIVE_FLAGS);
    if (received < 0 && foreign.errno() !== EAGAIN) throw new Error("recv failed");
    return received;
  }

  close(): void {
    this.poll?.close();
    close(this.fd);
  }

  private watch(writable: boolean): void {
    this.poll?.watch({ readable: true, writable });
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
    const port = new StreamPort(new SocketStream(ours));
    await nextMessage(port);
    return { port, close: () => far.end(() => port.close()) };
  },
};
