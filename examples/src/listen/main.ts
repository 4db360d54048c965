/** Starts a server and a client that know nothing but a path. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const folder = await mkdtemp(join(tmpdir(), "ipcz-"));
const isWindows = process.platform === "win32";
const path = isWindows ? String.raw`\\.\pipe\hello-${process.pid}` : join(folder, "hello.sock");
const server = fork(new URL("./server.js", import.meta.url), [path]);
const serverEnds = once(server, "exit");
await once(server, "message");
const client = fork(new URL("./client.js", import.meta.url), [path]);
await Promise.all([serverEnds, once(client, "exit")]);
await rm(folder, { recursive: true });
