/**
 * Environments over the in-process driver: every node in this process, each with a driver of its own.
 */
import {
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
  IPCZ_NO_FLAGS,
  type IpczAPI,
  type IpczDriver,
} from "@ipcz/api";
import { memWorld, type MemDriver, type MemNodeType, type MemWorldOptions } from "@ipcz/driver-mem";
import type { Counters } from "../table/leaks.ts";
import type { Environment, Inspect, NodeEnd, NodeRole, World } from "./environment.ts";

/** What every environment of this repository has in common. */
export interface Subject {
  readonly api: IpczAPI;
  readonly inspect: Inspect;
  leaks(): Counters;
  /** What is this thread's own; descriptors are the process's. */
  leaksOfThread(): Counters;
}

interface MemVariant {
  readonly name: string;
  readonly options: MemWorldOptions;
  readonly clientConnectFlags?: number;
}

const DELEGATE = IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE;

/** The variants of spec: api 6, and two more: a driver whose objects need bytes, and one that delivers by a seed. */
const VARIANTS: readonly MemVariant[] = [
  { name: "MemSync", options: { schedule: "sync" } },
  { name: "MemAsync", options: { schedule: "async" } },
  {
    name: "MemAsyncDelegatedAlloc",
    options: { schedule: "async" },
    clientConnectFlags: DELEGATE,
  },
  { name: "MemAsyncForcedBrokering", options: { schedule: "async", forceRelay: true } },
  {
    name: "MemAsyncDelegatedAllocAndForcedBrokering",
    options: { schedule: "async", forceRelay: true },
    clientConnectFlags: DELEGATE,
  },
  {
    name: "MemAsyncStrict",
    options: { schedule: "async", objectBytes: 12, envelopes: true, scribble: true },
  },
  { name: "MemSeeded", options: { schedule: "seeded" } },
];

/** All of them; `seed` decides the order of deliveries in `MemSeeded`. */
export function memEnvironments(subject: Subject, seed: number): Environment[] {
  return VARIANTS.map(({ name, options, clientConnectFlags }) => ({
    name,
    api: subject.api,
    inspect: subject.inspect,
    processes: null,
    clientConnectFlags: clientConnectFlags ?? IPCZ_NO_FLAGS,
    createWorld: () => createMemWorld({ ...options, seed }),
    leaks: () => subject.leaks(),
  }));
}

const NODE_TYPES: Readonly<Record<NodeRole, MemNodeType>> = {
  broker: "broker",
  "non-broker": "normal",
};

/** Deliveries in one turn of the loop, under a schedule that delivers by hand. */
const STEPS_PER_TURN = 64;

function createMemWorld(options: MemWorldOptions): World {
  const world = memWorld(options);
  const drivers = new Map<IpczDriver, MemDriver>();
  const stop =
    options.schedule === "seeded" ? everyTurn(() => void world.runUntilIdle(STEPS_PER_TURN)) : null;
  const driverOf = ({ driver }: NodeEnd): MemDriver => {
    const found = drivers.get(driver);
    if (found === undefined) throw new Error("the driver belongs to another world");
    return found;
  };
  return {
    openDriver: (role) => {
      const driver = world.driver(`${role} ${String(drivers.size)}`);
      drivers.set(driver, driver);
      return driver;
    },
    createTransports: (left, right) =>
      world.connect(driverOf(left), driverOf(right), NODE_TYPES[left.role], NODE_TYPES[right.role]),
    leaks: () => ({ ...world.liveObjects() }),
    close: () => stop?.(),
  };
}

/** Runs `step` once a turn until the function it returns is called. */
function everyTurn(step: () => void): () => void {
  let next = setImmediate(function run() {
    step();
    next = setImmediate(run);
  });
  return () => {
    clearImmediate(next);
  };
}
