/**
 * A Unix domain socket through Node's `net`, with a length before each message.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Carrier, nextMessage, type Port } from "../messages/port.ts";
import { FAR_STDIO, FarProcess } from "./far-process.ts";
import { frame, FrameReader } from "./frames.ts";

const FAR = fileURLToPath(new URL("./net-far.js", import.meta.url));

export class StreamPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    const reader = new FrameReader((message) => this.onMessage(message[0] ?? 0, () => message));
    socket.on("data", (chunk: Buffer) => reader.take(chunk));
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    this.socket.write(frame(message));
  }

  close(): void {
    this.socket.end();
  }
}

export const net: Carrier<Uint8Array> = {
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const path = join(folder, "socket");
    const server = createServer();
    server.listen(path);
    await once(server, "listening");
    const child = spawn(process.execPath, [...process.execArgv, FAR, path], {
      stdio: [...FAR_STDIO],
    });
    const far = new FarProcess(child);
    const [socket] = (await once(server, "connection")) as [Socket];
    const port = new StreamPort(socket);
    await nextMessage(port);
    server.close();
    rmSync(folder, { recursive: true });
    return { port, close: () => far.end(() => port.close()) };
  },
};
