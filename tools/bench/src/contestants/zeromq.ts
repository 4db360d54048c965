/**
 * ZeroMQ: a pair of PAIR sockets over `ipc://`. Its `send` takes one message at a time and answers with a promise, so
 * what is sent meanwhile waits in a queue.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Pair } from "zeromq";
import { type Carrier, nextMessage, type Port } from "../messages/port.ts";
import { FAR_STDIO, FarProcess } from "./far-process.ts";

const FAR = fileURLToPath(new URL("./zeromq-far.js", import.meta.url));

/** What tells a far end to end: a socket does not see its peer go. */
const END = 0x45;

export class PairPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly socket: Pair;
  private queue: Uint8Array[] = [];
  private sending = false;

  constructor(socket: Pair) {
    this.socket = socket;
    void this.receive();
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    this.queue.push(message);
    if (!this.sending) void this.drain();
  }

  close(): void {
    this.send(Uint8Array.of(END));
  }

  private async drain(): Promise<void> {
    this.sending = true;
    while (this.queue.length > 0) {
      const messages = this.queue;
      this.queue = [];
      for (const message of messages) await this.socket.send(message);
    }
    this.sending = false;
  }

  private async receive(): Promise<void> {
    for await (const [message] of this.socket) {
      if (!message) continue;
      if (message[0] === END) break;
      this.onMessage(message[0] ?? 0, () => message);
    }
    this.socket.close();
  }
}

/** No limit on queued messages: the work has its own. */
export function openPair(): Pair {
  return new Pair({ sendHighWaterMark: 0, receiveHighWaterMark: 0 });
}

export const carrier: Carrier<Uint8Array> = {
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const address = `ipc://${join(folder, "socket")}`;
    const socket = openPair();
    await socket.bind(address);
    const child = spawn(process.execPath, [...process.execArgv, FAR, address], {
      stdio: [...FAR_STDIO],
    });
    const far = new FarProcess(child);
    const port = new PairPort(socket);
    await nextMessage(port);
    return {
      port,
      close: async () => {
        await far.end(() => port.close());
        socket.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
};
