/**
 * The environment of one process of a story: its table and driver are those of its side.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { loadNative } from "@ipcz/abi";
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczDriver,
  type IpczDriverHandle,
} from "@ipcz/api";
import {
  endOf,
  openDescriptors,
  sharedMappings,
  type Environment,
  type Inspect,
  type ProcessPlacement,
  type World,
} from "@ipcz/conformance/scenario";
import { getAPI } from "@ipcz/core";
import { areLocalPeers, inspectPortal, isDirectRemote, liveRouters } from "@ipcz/core/inspect";
import { posixDriver } from "@ipcz/driver-posix";
import type { Placement, Side } from "./placements.ts";
import { referenceDriver } from "./reference-driver.ts";
import { closeSocket, createSockets } from "./sockets.ts";

/** Which driver the nodes of the library have: its own, or ours. */
export type NativeDriverChoice = "own" | "ours";

/** What every process of a run knows; travels as JSON. */
export interface Setting {
  readonly library: string;
  readonly placement: string;
  readonly nativeDriver: NativeDriverChoice;
}

/** The environment variable that carries the setting to started processes. */
export const SETTING_VARIABLE = "IPCZ_INTEROP_SETTING";

/** The descriptor of a started process's transport. */
const INHERITED = 3;

/** A route through proxies needs a handful of messages to become direct; each exchange takes longer than one of these. */
const LINK_EXCHANGES = 32;

/** A table and a driver that fit each other. */
interface Machine {
  readonly api: IpczAPI;
  readonly driver: IpczDriver;
  readonly inspect: Inspect | null;
  transportFromDescriptor(descriptor: number): IpczDriverHandle;
  leaks(): Readonly<Record<string, number>>;
}

/** The environment of a process on `side`. */
export function environmentOf(setting: Setting, placement: Placement, side: Side): Environment {
  const machine = side === "TS" ? ourMachine(getAPI(), inspect) : nativeMachine(setting);
  return {
    name: placement.name,
    api: machine.api,
    clientConnectFlags: IPCZ_NO_FLAGS,
    inspect: machine.inspect,
    linkExchangesMin: LINK_EXCHANGES,
    processes: processesOf(machine, setting),
    createWorld: () => worldOf(machine),
    leaks: () => ({
      ...openDescriptors(),
      ...sharedMappings(),
      ...(side === "TS" && { router: liveRouters() }),
    }),
  };
}

/**
 * Both ends of a link must tell the same, and the library's end cannot be looked into. So ours looks whether its route
 * is direct, and says nothing of the link.
 */
const inspect: Inspect = {
  isDirectRemote,
  linkName: () => "a link that nobody can look at",
  areLocalPeers,
  liveRouters,
  describe: (portal) => JSON.stringify(inspectPortal(portal)),
};

function ourMachine(api: IpczAPI, eyes: Inspect | null): Machine {
  const driver = posixDriver();
  return {
    api,
    driver,
    inspect: eyes,
    transportFromDescriptor: (descriptor) => driver.transportFromDescriptor(descriptor),
    leaks: () => {
      // Mappings whose views have not been collected are counted by the system already.
      const { retired: _retired, ...counts } = driver.liveObjects();
      return counts;
    },
  };
}

function nativeMachine({ library, nativeDriver }: Setting): Machine {
  const api = loadNative(library);
  if (nativeDriver === "ours") return ourMachine(api, null);
  const reference = referenceDriver(library);
  if (reference === null) throw new Error(`${library} exports no multiprocess driver; use ours`);
  startDesk(api, reference.driver);
  return { api, ...reference, inspect: null, leaks: () => ({}) };
}

/** The first node over a native driver starts a thread, whose descriptors would count as left over by a story. */
function startDesk(api: IpczAPI, driver: IpczDriver): void {
  const node = { value: IPCZ_INVALID_HANDLE };
  api.CreateNode(driver, IPCZ_NO_FLAGS, null, node);
  api.Close(node.value, IPCZ_NO_FLAGS, null);
}

function worldOf(machine: Machine): World {
  const none = IPCZ_INVALID_DRIVER_HANDLE;
  return {
    openDriver: () => machine.driver,
    createTransports: () => {
      const [left, right] = [{ value: none }, { value: none }];
      const result = machine.driver.CreateTransports(none, none, 0, null, left, right);
      if (result !== IPCZ_RESULT_OK) throw new Error(`CreateTransports answered ${String(result)}`);
      return [left.value, right.value];
    },
    leaks: () => machine.leaks(),
    close: () => undefined,
  };
}

const ENTRY = fileURLToPath(new URL("./node-process-main.js", import.meta.url));

function processesOf(machine: Machine, setting: Setting): ProcessPlacement {
  return {
    start(_parent, start) {
      const [ours, theirs] = createSockets();
      const child = spawn(process.execPath, [ENTRY, JSON.stringify(start)], {
        stdio: ["ignore", "pipe", "pipe", theirs],
        env: { ...process.env, [SETTING_VARIABLE]: JSON.stringify(setting) },
      });
      closeSocket(theirs);
      return {
        transport: machine.transportFromDescriptor(ours),
        pid: child.pid ?? 0,
        ended: endOf(child),
        kill: () => void child.kill("SIGKILL"),
      };
    },
    inheritedTransport: () => machine.transportFromDescriptor(INHERITED),
  };
}
