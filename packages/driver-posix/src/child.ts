/**
 * Transports across processes: given to one we start, or found in this one.
 *
 * The child gets its end as one more stdio descriptor, and its number in an environment variable; it need not
 * be Node. Such a child should know that the socket is non-blocking.
 */
import { spawn, type SpawnOptions, type StdioOptions } from "node:child_process";
import process from "node:process";
import type { IpczDriverHandle } from "@ipcz/api";
import { spawnWith, startedPeer, startingPeer, type SpawnedWithTransport } from "@ipcz/driver-base";
import type { TransportPeer } from "@ipcz/mojo-codec";
import { hasDescriptor } from "./objects.ts";
import { PosixError } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { adoptSocket, createSocketPair } from "./socket-pair.ts";

/** The environment variable that tells a child the number of its descriptor. */
export const IPCZ_TRANSPORT_FD = "IPCZ_TRANSPORT_FD";

/** How a process is started. */
export interface SpawnWithTransportOptions extends SpawnOptions {
  /**
   * The descriptor at which the child finds its end; by default the first that `stdio` leaves free, 3 or more. What
   * `stdio` leaves out below it is closed in the child.
   */
  readonly transportDescriptor?: number;
}

/**
 * Starts a process with one end of a new pair; throws what `spawn` throws, and when there is no pair to be
 * had.
 */
export function spawnWithTransport(
  parts: DriverParts,
  command: string,
  args: readonly string[],
  { transportDescriptor, ...options }: SpawnWithTransportOptions,
): SpawnedWithTransport {
  const stdio = listStdio(options.stdio);
  const index = transportDescriptor ?? stdio.length;
  if (!Number.isInteger(index) || index < stdio.length) {
    throw new RangeError(`descriptor ${index} of the child is taken by stdio`);
  }
  const pair = createSocketPair(parts.system, parts.settings.socketBufferBytes);
  if (typeof pair === "number") throw new PosixError("socketpair", pair);
  return spawnWith(pair, {
    start: (theirs) => {
      while (stdio.length < index) stdio.push("ignore");
      stdio.push(theirs.number);
      const env = { ...(options.env ?? process.env), [IPCZ_TRANSPORT_FD]: String(index) };
      return spawn(command, args, { ...options, stdio, env });
    },
    connect: (ours) => parts.objects.add(parts.createTransport(ours, startedPeer)),
  });
}

/** The end this process was started with; once. Throws, saying what is missing. */
export function inheritedTransport(parts: DriverParts): IpczDriverHandle {
  const text = process.env[IPCZ_TRANSPORT_FD];
  if (text === undefined) {
    throw new Error(
      `no transport was inherited: ${IPCZ_TRANSPORT_FD} is not set (start this process with spawnWithTransport)`,
    );
  }
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${IPCZ_TRANSPORT_FD} is not a number: "${text}"`);
  if (Number(text) < 3) throw new Error(`${IPCZ_TRANSPORT_FD} names a standard stream: ${text}`);
  const handle = transportFromDescriptor(parts, Number(text), startingPeer);
  // Neither a second call nor a process started by this one may find it again.
  delete process.env[IPCZ_TRANSPORT_FD];
  return handle;
}

/** A connected Unix stream socket as a transport; takes the descriptor unless it throws. */
export function transportFromDescriptor(
  parts: DriverParts,
  number: number,
  peer: TransportPeer,
): IpczDriverHandle {
  for (const [, object] of parts.objects.entries()) {
    if (hasDescriptor(object) && object.descriptor === number) {
      throw new Error(`descriptor ${number} belongs to an object of this driver`);
    }
  }
  return parts.objects.add(parts.createTransport(adoptSocket(parts.system, number), peer));
}

type StdioItem = Exclude<StdioOptions, string>[number];

/** The list that stands for what `spawn` was given, at least three long. */
function listStdio(stdio: StdioOptions | undefined): StdioItem[] {
  if (stdio === undefined || typeof stdio === "string") {
    const each = stdio ?? "pipe";
    return [each, each, each];
  }
  const list = [...stdio];
  while (list.length < 3) list.push("pipe");
  return list;
}
