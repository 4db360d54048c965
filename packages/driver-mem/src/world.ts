/**
 * A world: drivers that can be connected with each other, under one schedule, one seed and one set of faults.
 *
 * Each node of a network gets a driver of its own, so that a handle in the wrong hands is noticed: a handle is good
 * for the driver that owns it, and changes owner only by going through a transport.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
  type IpczDriverHandle,
  type IpczTransportActivityOptions,
} from "@ipcz/api";
import type { MemDriver, MemSchedule, MemWorld, MemWorldOptions } from "./controls.ts";
import { createDriver } from "./driver.ts";
import { countObjects } from "./entries.ts";
import { MemEnvelope } from "./envelope.ts";
import { MemFaults } from "./faults.ts";
import { dropper, HandleTable } from "./objects.ts";
import type { DriverParts, WorldParts } from "./parts.ts";
import { RandomStream, SeededRandom } from "./random.ts";
import { AsyncSchedule } from "./schedule-async.ts";
import { SeededSchedule } from "./schedule-seeded.ts";
import { SyncSchedule } from "./schedule-sync.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TransportEnd, TransportHost } from "./transport-end.ts";
import { MemTransport, type MemNodeType } from "./transport.ts";

function newScheduler(schedule: MemSchedule, seed: number): Scheduler {
  if (schedule === "sync") return new SyncSchedule();
  if (schedule === "async") return new AsyncSchedule();
  return new SeededSchedule(new SeededRandom(seed, RandomStream.schedule));
}

/** Where handle generations begin: by seed, or somewhere, so that two worlds do not accept each other's handles. */
function generationFirst(bytesRandom: SeededRandom | null): number {
  const range = 65_536;
  if (bytesRandom !== null) return 1 + bytesRandom.below(range);
  const [number = 0] = globalThis.crypto.getRandomValues(new Uint16Array(1));
  return 1 + number;
}

function newHost(
  options: MemWorldOptions,
  scheduler: Scheduler,
  faults: MemFaults,
  table: HandleTable,
  drivers: readonly DriverParts[],
): TransportHost {
  const { onDelivery } = options;
  const synchronous = options.schedule === "sync";
  return {
    scheduler,
    synchronous,
    scribble: options.scribble ?? false,
    batchMax: options.batchMax ?? 1,
    readyAt: () => (synchronous ? 0 : faults.readyAt(scheduler.now)),
    adopt: (objects, owner) => objects.map((object) => table.give(object, owner)),
    discard: dropper(table),
    envelope(owner): IpczTransportActivityOptions | null {
      if (options.envelopes !== true || !table.hasRoom(1)) return null;
      const envelope = table.add(new MemEnvelope(), owner);
      return { size: IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE, envelope };
    },
    observe(end, what, message) {
      if (onDelivery === undefined) return;
      const driver = drivers[end.owner - 1]?.name ?? "";
      const handleCount = message?.objects?.length ?? 0;
      const serial = end instanceof MemTransport ? end.serial : -1;
      onDelivery({ driver, end: serial, what, data: message?.data ?? null, handleCount });
    },
  };
}

function newParts(options: MemWorldOptions, drivers: readonly DriverParts[]): WorldParts {
  const seed = options.seed ?? 1;
  const schedule = options.schedule ?? "async";
  const randomBytes = options.randomBytes ?? (schedule === "seeded" ? "seeded" : "host");
  const bytesRandom = randomBytes === "seeded" ? new SeededRandom(seed, RandomStream.bytes) : null;
  const table = new HandleTable(generationFirst(bytesRandom));
  const faults = new MemFaults(new SeededRandom(seed, RandomStream.faults));
  for (const refusal of options.refusals ?? []) faults.refuse(refusal);
  faults.delay(options.delay ?? null);
  return {
    table,
    faults,
    host: newHost(options, newScheduler(schedule, seed), faults, table, drivers),
    bytes: { live: 0, freed: 0 },
    bytesRandom,
    forceRelay: options.forceRelay ?? false,
    objectBytes: options.objectBytes ?? 0,
    sharedMemory: options.memory !== "plain",
  };
}

/** Two connected transports, one for each driver (the same one, if need be). Null when the table is full. */
type Connect = (
  driver0: DriverParts,
  driver1: DriverParts,
  type0: MemNodeType,
  type1: MemNodeType,
) => [MemTransport, MemTransport] | null;

function connector({ table, host }: WorldParts): Connect {
  let endCount = 0;
  return (driver0, driver1, type0, type1) => {
    if (!table.hasRoom(2)) return null;
    const ends = MemTransport.pair(host, endCount, type0, type1);
    endCount += 2;
    table.add(ends[0], driver0.id);
    table.add(ends[1], driver1.id);
    return ends;
  };
}

/** The kind of the node behind a transport; without one the least restricted, a broker. */
function remoteType(transport: TransportEnd | null): MemNodeType {
  return transport instanceof MemTransport ? transport.peer.nodeType : "broker";
}

/** Both handles, or two zeros when the table is full. */
function handlesOf(
  ends: readonly [MemTransport, MemTransport] | null,
): [IpczDriverHandle, IpczDriverHandle] {
  if (ends === null) return [IPCZ_INVALID_DRIVER_HANDLE, IPCZ_INVALID_DRIVER_HANDLE];
  return [ends[0].handle, ends[1].handle];
}

/** A world without drivers yet. */
export function memWorld(options: MemWorldOptions = {}): MemWorld {
  const drivers: DriverParts[] = [];
  const parts = newParts(options, drivers);
  const { scheduler } = parts.host;
  const connect = connector(parts);
  const partsOf = (driver: MemDriver): DriverParts => {
    const found = driver.world === world ? drivers[driver.id - 1] : undefined;
    if (found === undefined) throw new TypeError("the driver belongs to another world");
    return found;
  };
  const world: MemWorld = {
    seed: options.seed ?? 1,
    schedule: options.schedule ?? "async",
    faults: parts.faults,
    driver(name) {
      const id = drivers.length + 1;
      const own: DriverParts = {
        world: parts,
        id,
        name,
        crashed: false,
        badActivity: null,
        connect: (context0, context1) =>
          connect(own, own, remoteType(context0), remoteType(context1)),
      };
      drivers.push(own);
      return createDriver(own, world, (type0, type1) => handlesOf(connect(own, own, type0, type1)));
    },
    connect: (driver0, driver1, type0 = "broker", type1 = "normal") =>
      handlesOf(connect(partsOf(driver0), partsOf(driver1), type0, type1)),
    step: () => scheduler.step(),
    runUntilIdle(stepsMax = Infinity) {
      let count = 0;
      while (count < stepsMax && scheduler.step()) count++;
      return count;
    },
    settle: () => scheduler.settle(),
    liveObjects: () => countObjects(parts.table.list(null)),
    memoryBytes: () => ({ ...parts.bytes }),
  };
  return world;
}
