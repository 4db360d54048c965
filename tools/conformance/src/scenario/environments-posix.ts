/**
 * Environments over sockets, descriptors and shared memory: all nodes in this process, or each in one of its own.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { IPCZ_NO_FLAGS, type IpczDriver, type IpczDriverHandle } from "@ipcz/api";
import { posixDriver, type PosixDriver, type PosixDriverOptions } from "@ipcz/driver-posix";
import type { Environment, ProcessPlacement, World } from "./environment.ts";
import type { Subject } from "./environments-mem.ts";
import { loaderFlags, NODE_ENTRY } from "./node-entry.ts";
import { endOf } from "./process-end.ts";

interface PosixVariant {
  readonly name: string;
  readonly options: PosixDriverOptions;
}

/** Lanes are offered from the first message on, and the smallest rings are full soonest. */
const VARIANTS: readonly PosixVariant[] = [
  { name: "Posix", options: {} },
  { name: "PosixMojo", options: { codec: "mojo" } },
  { name: "PosixLanes", options: { lanes: { afterMessages: 1, ringBytes: 64 * 1024 } } },
];

/** All of them; `entry` is the program of a node's process, this package's own in source or compiled form. */
export function posixEnvironments(subject: Subject, entry: string = NODE_ENTRY): Environment[] {
  return VARIANTS.flatMap(({ name, options }) => {
    const common = {
      api: subject.api,
      inspect: subject.inspect,
      clientConnectFlags: IPCZ_NO_FLAGS,
      createWorld: () => createPosixWorld(options),
      leaks: () => subject.leaks(),
    };
    return [
      { ...common, name: `${name}OneProcess`, processes: null },
      { ...common, name: `${name}Multiprocess`, processes: processesOf(entry) },
    ];
  });
}

/** Drivers know only their own handles; the stories hand back the driver they were given. */
const drivers = new WeakMap<IpczDriver, PosixDriver>();

function posixOf(driver: IpczDriver): PosixDriver {
  const found = drivers.get(driver);
  if (found === undefined) throw new Error("this is no driver of a posix environment");
  return found;
}

function createPosixWorld(options: PosixDriverOptions): World {
  const opened: PosixDriver[] = [];
  return {
    openDriver: () => {
      const driver = posixDriver(options);
      drivers.set(driver, driver);
      opened.push(driver);
      return driver;
    },
    createTransports: (left, right) => connect(posixOf(left.driver), posixOf(right.driver)),
    leaks: () => {
      const counts: Record<string, number> = {};
      for (const driver of opened) {
        for (const [what, count] of Object.entries(driver.liveObjects() as object)) {
          counts[what] = (counts[what] ?? 0) + Number(count);
        }
      }
      return counts;
    },
    close: () => {
      for (const driver of opened) driver.dispose();
    },
  };
}

/** A pair of one driver; the second end moves to the other driver, unless that is the same. */
function connect(left: PosixDriver, right: PosixDriver): [IpczDriverHandle, IpczDriverHandle] {
  const none = 0 as IpczDriverHandle;
  const [first, second] = [{ value: none }, { value: none }];
  const result = left.CreateTransports(none, none, 0, null, first, second);
  if (result !== 0) throw new Error(`CreateTransports answered ${String(result)}`);
  if (left === right) return [first.value, second.value];
  return [first.value, right.transportFromDescriptor(left.releaseDescriptor(second.value))];
}

function processesOf(entry: string): ProcessPlacement {
  return {
    start: ({ driver }, start) => {
      const { child, transport } = posixOf(driver).spawnWithTransport(
        process.execPath,
        [...loaderFlags(entry), entry, JSON.stringify(start)],
        { stdio: ["ignore", "pipe", "pipe"], cwd: fileURLToPath(new URL(".", import.meta.url)) },
      );
      return {
        transport,
        pid: child.pid ?? 0,
        ended: endOf(child),
        kill: () => void child.kill("SIGKILL"),
      };
    },
    inheritedTransport: (driver) => posixOf(driver).inheritedTransport(),
  };
}
