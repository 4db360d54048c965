/**
 * Transports across processes: given to one we start, or found in this one.
 *
 * The child gets its end as an inherited handle, whose number is the last argument of its command line, in the form that
 * Chromium's processes use (spec: mojo 5).
 */
import type { SpawnOptions } from "node:child_process";
import type { IpczDriverHandle } from "@ipcz/api";
import { spawnWith, type SpawnedWithTransport } from "@ipcz/driver-base";
import type { EndpointType } from "@ipcz/mojo-codec";
import { PipeEnd } from "./end.ts";
import { WinHandle } from "./handle.ts";
import { WinError } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { createPipePair } from "./pipe-pair.ts";
import { joiningRelation, servingRelation } from "./relation.ts";

/** The command line switch that tells a child the number of its handle: `--mojo-platform-channel-handle=264`. */
export const MOJO_PLATFORM_CHANNEL_HANDLE = "--mojo-platform-channel-handle";

/** How to start a process, beyond what Node.js wants to know. */
export interface StartOptions extends SpawnOptions {
  /**
   * What the process's node is; no broker by default. A broker of another network gets power over those processes of
   * this one that it is introduced to, and is believed; without it, it cannot introduce them to its own.
   */
  readonly destination?: EndpointType;
}

/**
 * Starts a process with one end of a new pair; throws what `spawn` throws, and a `WinError` when there is no pair to be
 * had.
 *
 * Every process that is started while the handle can be inherited gets it. That is so for no longer than this call; but
 * another thread of this process that starts one meanwhile gives it a handle too many, and its end is not noticed here
 * before that process ends as well.
 */
export function spawnWithTransport(
  parts: DriverParts,
  command: string,
  args: readonly string[],
  { destination, ...options }: StartOptions,
): SpawnedWithTransport {
  const { system } = parts;
  const pair = createPipePair(system);
  if (typeof pair === "number") throw new WinError("CreateNamedPipe", pair);
  return spawnWith(pair, {
    start: (theirs) => {
      const inherited = system.setInheritable(theirs.value, true);
      if (inherited < 0) throw new WinError("SetHandleInformation", inherited);
      const where = `${MOJO_PLATFORM_CHANNEL_HANDLE}=${theirs.value}`;
      return system.start(command, [...args, where], options);
    },
    connect: (ours, child) => {
      const pid = child.pid ?? 0;
      // Its number is not given to another process as long as `child` is there.
      const power = pid === 0 ? -1 : system.openProcess(pid);
      const remote = power < 0 ? null : new WinHandle(system, power);
      const end = new PipeEnd(servingRelation(remote, pid, destination));
      return parts.objects.add(parts.createTransport(ours, end));
    },
  });
}

/**
 * The end this process was started with; once. Throws, saying what is missing. The argument is taken off the command
 * line, so that nobody finds it again.
 */
export function inheritedTransport(parts: DriverParts): IpczDriverHandle {
  const { system } = parts;
  const { commandLine } = system;
  const prefix = `${MOJO_PLATFORM_CHANNEL_HANDLE}=`;
  const index = commandLine.findLastIndex((each) => each.startsWith(prefix));
  const text = commandLine[index]?.slice(prefix.length);
  if (text === undefined) {
    throw new Error(
      `no transport was inherited: there is no argument ${prefix} (start this process with spawnWithTransport)`,
    );
  }
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new Error(`${prefix}${text} is not the number of a handle`);
  const value = Number(text);
  if (!system.isPipe(value)) throw new Error(`${prefix}${text} is not a pipe`);
  commandLine.splice(index, 1);
  // A process that is started by this one must not get it.
  system.setInheritable(value, false);
  const end = new PipeEnd(joiningRelation(system.serverOf(value)));
  return parts.objects.add(parts.createTransport(new WinHandle(system, value), end));
}
