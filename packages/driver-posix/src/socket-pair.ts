/**
 * Two connected sockets, and sockets from elsewhere that are to become transports.
 */
import { fstatSync } from "node:fs";
import { Descriptor } from "./fd.ts";
import { checked } from "./os-error.ts";
import type { System } from "./system.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;

/** Makes a pair; `bufferBytes` is the wanted size of its kernel buffers. A number below 0 is the negative of `errno`. */
export function createSocketPair(
  system: System,
  bufferBytes: number,
): [Descriptor, Descriptor] | number {
  const { libc, platform } = system;
  const pair = new Int32Array(2);
  const answer = platform.createSocketPair(pair);
  if (answer < 0) return answer;
  const [first = -1, second = -1] = pair;
  const sockets: [Descriptor, Descriptor] = [
    new Descriptor(libc, first),
    new Descriptor(libc, second),
  ];
  for (const socket of sockets) enlarge(system, socket, bufferBytes);
  return sockets;
}

/** A wish: the system has an upper limit, and what it grants is good enough. */
function enlarge(system: System, socket: Descriptor, bufferBytes: number): void {
  const { level, sendBufferOption, receiveBufferOption } = system.platform.socket;
  const value = new Int32Array([bufferBytes]);
  system.libc.setsockopt(socket.number, level, sendBufferOption, value);
  system.libc.setsockopt(socket.number, level, receiveBufferOption, value);
}

/**
 * A foreign descriptor as a socket of ours; takes it on success only. Throws, saying what is wrong, unless it
 * is a connected Unix stream socket.
 */
export function adoptSocket(system: System, number: number): Descriptor {
  const { libc, platform } = system;
  if (!Number.isInteger(number) || number < 0) throw new Error(`${number} is not a descriptor`);
  if (!fstatSync(number).isSocket()) throw new Error(`descriptor ${number} is not a socket`);
  const type = new Int32Array(1);
  const { level, typeOption } = platform.socket;
  checked("getsockopt", libc.getsockopt(number, level, typeOption, type));
  const family = checked("getsockname", platform.socketFamily(number));
  if (type[0] !== SOCK_STREAM || family !== AF_UNIX) {
    throw new Error(`descriptor ${number} is not a Unix stream socket`);
  }
  checked("getpeername", libc.getpeername(number, new Uint8Array(128)));
  checked("fcntl", platform.prepareSocket(number));
  return new Descriptor(libc, number);
}
