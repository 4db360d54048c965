/**
 * Our contestants by name; nothing is opened before it is asked for.
 */
import { IpczProgram } from "./ipcz/program.ts";
import { workerThread } from "./ipcz/worker.ts";
import { messageChannel } from "./message-channel.ts";
import type { RivalName } from "./names.ts";
import { net } from "./net.ts";
import { processSend } from "./process-send.ts";
import { MessageProgram, type Program } from "./program.ts";
import { ring } from "./ring.ts";
import { socket } from "./socket.ts";

const RIVALS = {
  "process.send (json)": () => new MessageProgram(processSend("json")),
  "process.send (advanced)": () => new MessageProgram(processSend("advanced")),
  net: () => new MessageProgram(net),
  MessageChannel: () => new MessageProgram(messageChannel),
  "ipcz (worker)": () => new MessageProgram(workerThread),
  ZeroMQ: async () => new MessageProgram((await import("./zeromq.ts")).carrier),
  "bare socket": () => new MessageProgram(socket),
  "bare ring": () => new MessageProgram(ring),
} satisfies Readonly<Record<RivalName, () => Program | Promise<Program>>>;

export async function openProgram(name: string): Promise<Program> {
  return name in RIVALS ? RIVALS[name as RivalName]() : new IpczProgram(name);
}
