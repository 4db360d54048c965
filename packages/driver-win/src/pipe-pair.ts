/**
 * The two ends of a new pipe, whose name nobody can guess and only one client can use (spec: mojo 1.3).
 */
import { randomBytes } from "node:crypto";
import { WinHandle } from "./handle.ts";
import type { WinSystem } from "./system.ts";

/** Makes a pair, the server's end first; a number below 0 is the negative of the system's error. */
export function createPipePair(system: WinSystem): [WinHandle, WinHandle] | number {
  const name = `\\\\.\\pipe\\mojo.${system.pid}.0.${randomBytes(8).readBigUInt64LE()}`;
  const serverEnd = system.createPipe(name, "one", true);
  if (serverEnd < 0) return serverEnd;
  const server = new WinHandle(system, serverEnd);
  const client = system.openPipe(name);
  if (client >= 0) return [server, new WinHandle(system, client)];
  server.close();
  return client;
}
