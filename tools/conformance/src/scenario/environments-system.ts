/**
 * Environments over drivers of the operating system: all nodes in this process, or each in one of its own.
 */
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { IPCZ_NO_FLAGS, type IpczDriver, type IpczDriverHandle } from "@ipcz/api";
import { posixDriver, type PosixDriverOptions } from "@ipcz/driver-posix";
import { winDriver } from "@ipcz/driver-win";
import type { Environment, NodeRole, ProcessPlacement, World } from "./environment.ts";
import type { Subject } from "./environments-mem.ts";
import { loaderFlags, NODE_ENTRY } from "./node-entry.ts";
import { endOf } from "./process-end.ts";

/** What the drivers of all systems have in common beyond the contract. */
interface SystemDriver extends IpczDriver {
  spawnWithTransport(
    command: string,
    args: readonly string[],
    options: object,
  ): { readonly child: ChildProcess; readonly transport: IpczDriverHandle };
  inheritedTransport(): IpczDriverHandle;
  liveObjects(): object;
  dispose(): void;
}

/** A driver with its options. */
interface Variant {
  readonly name: string;
  readonly createWorld: () => World;
  readonly processes: (entry: string) => ProcessPlacement;
}

/** All that this system has; `entry` is the program of a node's process, this package's own in source or compiled form. */
export function systemEnvironments(subject: Subject, entry: string = NODE_ENTRY): Environment[] {
  return variantsOf(familyHere()).flatMap(({ name, createWorld, processes }) => {
    const common = {
      api: subject.api,
      inspect: subject.inspect,
      clientConnectFlags: IPCZ_NO_FLAGS,
      createWorld,
      leaks: () => subject.leaks(),
    };
    return [
      { ...common, name: name + placements[0], processes: null },
      {
        ...common,
        name: name + placements[1],
        processes: processes(entry),
        reasonToSkip: (scenario) => reasonsToSkip.get(`${name} ${scenario}`) ?? null,
      },
    ];
  });
}

/** An environment that there is, but not on this system. */
export interface EnvironmentElsewhere {
  readonly name: string;
  /** Why it cannot be run here. */
  readonly reason: string;
}

/** All that other systems have. */
export function systemEnvironmentsElsewhere(): EnvironmentElsewhere[] {
  return families
    .filter((family) => family !== familyHere())
    .flatMap((family) =>
      variantsOf(family).flatMap(({ name }) =>
        placements.map((placement) => ({ name: name + placement, reason: `needs ${family}` })),
      ),
    );
}

/** Systems whose drivers have different names. */
const families = ["POSIX", "Windows"] as const;
type Family = (typeof families)[number];

function familyHere(): Family {
  return process.platform === "win32" ? "Windows" : "POSIX";
}

function variantsOf(family: Family): Variant[] {
  return family === "Windows" ? windowsVariants() : posixVariants();
}

/** Where the nodes of a story are. */
const placements = ["OneProcess", "Multiprocess"] as const;

/**
 * On Windows a handle is a number in the bytes of a message. What is sent to an end that is still in this process names
 * handles of this process, and would mean nothing in another one; so such an end does not leave.
 */
const TIED = "an end to which objects have been sent cannot go to another process";
const reasonsToSkip: ReadonlyMap<string, string> = new Map([
  ["Win ReconnectTest.BrokerNonBroker", TIED],
  ["Win ReconnectTest.BrokerBroker", TIED],
]);

/** Lanes are offered from the first message on, and the smallest rings are full soonest. */
function posixVariants(): Variant[] {
  return [
    posix("Posix", {}),
    posix("PosixMojo", { codec: "mojo" }),
    posix("PosixLanes", { lanes: { afterMessages: 1, ringBytes: 64 * 1024 } }),
  ];
}

function posix(name: string, options: PosixDriverOptions): Variant {
  return variant({
    name,
    open: () => posixDriver(options),
    move: (from, transport, to) => to.transportFromDescriptor(from.releaseDescriptor(transport)),
    startOptions: () => ({}),
  });
}

function windowsVariants(): Variant[] {
  return [
    variant({
      name: "Win",
      open: () => winDriver(),
      move: (from, transport, to) => to.transportFromHandle(from.releaseHandle(transport)),
      startOptions: (role) => ({ destination: role }),
    }),
  ];
}

/** How drivers of one kind are made, and how a transport that is not active goes from one to another. */
interface Kind<D extends SystemDriver> {
  readonly name: string;
  readonly open: () => D;
  readonly move: (from: D, transport: IpczDriverHandle, to: D) => IpczDriverHandle;
  /** What it wants to be told of a process's node when it starts it. */
  readonly startOptions: (role: NodeRole) => object;
}

function variant<D extends SystemDriver>({ name, open, move, startOptions }: Kind<D>): Variant {
  // Drivers know only their own handles; the stories hand back the driver they were given.
  const drivers = new WeakMap<IpczDriver, D>();
  const ours = (driver: IpczDriver): D => {
    const found = drivers.get(driver);
    if (found === undefined) throw new Error(`this is no driver of the environment ${name}`);
    return found;
  };
  const createWorld = (): World => {
    const opened: D[] = [];
    return {
      openDriver: () => {
        const driver = open();
        drivers.set(driver, driver);
        opened.push(driver);
        return driver;
      },
      createTransports: (left, right) => {
        const [from, to] = [ours(left.driver), ours(right.driver)];
        const [first, second] = createPair(from);
        return [first, from === to ? second : move(from, second, to)];
      },
      leaks: () => sumOf(opened),
      close: () => {
        for (const driver of opened) driver.dispose();
      },
    };
  };
  return { name, createWorld, processes: (entry) => processesOf(entry, ours, startOptions) };
}

function createPair(driver: SystemDriver): [IpczDriverHandle, IpczDriverHandle] {
  const none = 0 as IpczDriverHandle;
  const [first, second] = [{ value: none }, { value: none }];
  const result = driver.CreateTransports(none, none, 0, null, first, second);
  if (result !== 0) throw new Error(`CreateTransports answered ${String(result)}`);
  return [first.value, second.value];
}

function sumOf(drivers: readonly SystemDriver[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const driver of drivers)
    for (const [what, count] of Object.entries(driver.liveObjects()))
      counts[what] = (counts[what] ?? 0) + Number(count);
  return counts;
}

function processesOf(
  entry: string,
  ours: (driver: IpczDriver) => SystemDriver,
  startOptions: (role: NodeRole) => object,
): ProcessPlacement {
  return {
    start: ({ driver }, start) => {
      const { child, transport } = ours(driver).spawnWithTransport(
        process.execPath,
        [...loaderFlags(entry), entry, JSON.stringify(start)],
        {
          ...startOptions(start.role),
          stdio: ["ignore", "pipe", "pipe"],
          cwd: fileURLToPath(new URL(".", import.meta.url)),
        },
      );
      return {
        transport,
        pid: child.pid ?? 0,
        ended: endOf(child),
        kill: () => void child.kill("SIGKILL"),
      };
    },
    inheritedTransport: (driver) => ours(driver).inheritedTransport(),
  };
}
