/**
 * Starting a process that joins; its counterpart is `join-parent.ts`.
 *
 * The driver tells the child where its transport is; two more environment variables tell it what this node is to it
 * and how many portals there are.
 */
import type { ChildProcess, SpawnOptions, StdioOptions } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { IpczDriverHandle } from "@ipcz/api";
import { IpczError } from "../errors/ipcz-error.ts";
import { handled } from "../objects/abort.ts";
import type { Portal } from "../objects/objects.ts";
import { type ConnectOptions, flagsOf } from "./connect-options.ts";
import type { PlatformDriver } from "./platform-driver.ts";

/** The environment variable that says what the starting node is to the started one: `broker` or `sponsor`. */
export const PEER_VARIABLE = "IPCZ_PEER";
/** The environment variable that says how many portals the connection has. */
export const PORTALS_VARIABLE = "IPCZ_PORTALS";

/** How to start a process: as for `child_process.spawn`, and how to connect to it. */
export interface LaunchOptions extends SpawnOptions {
  /** Portals that lead to the process, 1 by default, 12 at most. */
  readonly portals?: number;
}

/** How to start a Node program: as for {@link LaunchOptions}, and arguments for Node. */
export interface ForkOptions extends LaunchOptions {
  /** The Node to run; the one running by default. */
  readonly execPath?: string;
  /** Arguments for it before the module's path; those of this process by default. */
  readonly execArgv?: readonly string[];
}

/** A started process and the portals that lead to it. They work at once, though it may not have joined yet. */
export interface Child {
  /** The process; ending it is the program's affair. */
  readonly process: ChildProcess;
  /** The portals that lead there. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
}

/** The node that starts it. */
export interface Launcher {
  readonly driver: PlatformDriver;
  readonly isBroker: boolean;
  connectTransport(transport: IpczDriverHandle, options: ConnectOptions): Portal[];
}

/** Starts a process; resolves when it runs. */
export async function launch(
  launcher: Launcher,
  command: string,
  args: readonly string[],
  { portals: count = 1, ...options }: LaunchOptions,
): Promise<Child> {
  const { driver, isBroker } = launcher;
  if (!driver.spawnWithTransport)
    throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver cannot start processes");
  const peer = isBroker ? "member" : "guest";
  flagsOf(isBroker, { peer, portals: count });
  const env = {
    ...(options.env ?? process.env),
    [PEER_VARIABLE]: isBroker ? "broker" : "sponsor",
    [PORTALS_VARIABLE]: String(count),
  };
  const { child, transport } = driver.spawnWithTransport(command, args, { ...options, env });
  const started = whenStarted(child, command);
  const portals = connectTo(launcher, { child, transport }, { portals: count, peer });
  try {
    await started;
  } catch (error) {
    for (const portal of portals) portal.close();
    throw error;
  }
  const [portal] = portals;
  if (!portal) throw new IpczError("ERR_IPCZ_OUT_OF_RANGE", "a connection has at least one portal");
  return { process: child, portals, portal };
}

/** The portals to a process; none if it was not started: then it has no number, and an event will say why. */
function connectTo(
  launcher: Launcher,
  { child, transport }: { readonly child: ChildProcess; readonly transport: IpczDriverHandle },
  options: ConnectOptions,
): Portal[] {
  const { driver } = launcher;
  if (child.pid === undefined) {
    driver.Close(transport, 0, null);
    return [];
  }
  try {
    return launcher.connectTransport(transport, options);
  } catch (error) {
    driver.Close(transport, 0, null);
    child.kill();
    throw error;
  }
}

/** Command, arguments and options for a Node program. */
export function forkCommand(
  modulePath: string | URL,
  args: readonly string[],
  { execPath = process.execPath, execArgv = process.execArgv, ...options }: ForkOptions,
): [command: string, args: readonly string[], options: LaunchOptions] {
  const path = typeof modulePath === "string" ? modulePath : fileURLToPath(modulePath);
  const stdio: StdioOptions = options.stdio ?? "inherit";
  return [execPath, [...execArgv, path, ...args], { ...options, stdio }];
}

function whenStarted(child: ChildProcess, command: string): Promise<void> {
  const started = new Promise<void>((resolve, reject) => {
    child.once("spawn", () => {
      child.off("error", failed);
      resolve();
    });
    const failed = (cause: Error): void => {
      const message = `cannot start ${command}: ${cause.message}`;
      reject(new IpczError("ERR_IPCZ_CONNECTION", message, { cause }));
    };
    child.once("error", failed);
  });
  return handled(started);
}
