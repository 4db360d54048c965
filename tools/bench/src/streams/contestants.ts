/**
 * Streams between two processes: a socket of Node's own, and portals.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { Node, PortalStream } from "ipcz";
import { FAR_STDIO, FarProcess } from "../contestants/far-process.ts";
import { driverWith } from "./driver-with.ts";

const FAR = fileURLToPath(new URL("./far-main.js", import.meta.url));

/** A stream whose other end is in a process of its own, which {@link acknowledge}s. */
export interface OpenStream {
  readonly stream: Duplex;
  /** Resolves when the far end has ended, too. */
  readonly end: () => Promise<void>;
}

export const STREAMS: ReadonlyMap<string, () => Promise<OpenStream>> = new Map([
  ["net", openSocket],
  ["PortalStream", () => openPortal("socket")],
  ["PortalStream (fast lane)", () => openPortal("lane")],
]);

async function openSocket(): Promise<OpenStream> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const path = join(folder, "socket");
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  const args = [...process.execArgv, FAR, "net", path];
  const far = new FarProcess(spawn(process.execPath, args, { stdio: [...FAR_STDIO] }));
  const [stream] = (await once(server, "connection")) as [Socket];
  server.close();
  rmSync(folder, { recursive: true });
  return { stream, end: () => far.end(() => stream.end()) };
}

async function openPortal(way: "socket" | "lane"): Promise<OpenStream> {
  const node = new Node({ driver: driverWith(way) });
  const { portal, process: child } = await node.fork(FAR, [way], { stdio: [...FAR_STDIO] });
  const far = new FarProcess(child);
  const stream = new PortalStream(portal);
  stream.once("close", () => node.close());
  return { stream, end: () => far.end(() => stream.end()) };
}
