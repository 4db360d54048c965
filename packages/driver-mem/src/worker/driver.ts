/**
 * A driver between threads: transports over `MessagePort`, memory in `SharedArrayBuffer`, in Node's workers and in a
 * browser alike. A transport reaches another thread as a seat, in whatever starts that thread, and from there on
 * transports and memory travel in messages.
 */
import type { IpczDriver, IpczDriverBacklog, IpczDriverHandle } from "@ipcz/api";
import type { MemLiveObjects } from "../controls.ts";
import { countObjects, driverEntries } from "../entries.ts";
import { MemFaults, type MemRefusal } from "../faults.ts";
import type { MemBytes } from "../memory.ts";
import { dropper, HandleTable, NOBODY, type MemObject, type OwnerId } from "../objects.ts";
import { findTransport, type DriverParts, type MemBadActivity } from "../parts.ts";
import { RandomStream, SeededRandom } from "../random.ts";
import { AsyncSchedule } from "../schedule-async.ts";
import { loadMemory, newSeats, seatOf, unloadMemory, type CargoItem, type Seat } from "./cargo.ts";
import type { Side } from "./gauge.ts";
import { hostObituaries, type Obituaries } from "./lifeline.ts";
import { nativePort, type NativePort } from "./port.ts";
import { PortTransport, type PortHost } from "./port-transport.ts";

/** One end of a transport, on its way to the thread that will use it. Structured clone keeps it whole. */
export interface WorkerSeat {
  readonly port: NativePort;
  readonly gauge: SharedArrayBuffer;
  readonly side: Side;
}

/** A new transport to another thread. */
export interface WorkerSeatOffer {
  /** Our end; the caller's to connect or to close. */
  readonly transport: IpczDriverHandle;
  /** The other end, anywhere inside a `workerData` or a message; for {@link WorkerDriver.takeSeat} over there. */
  readonly seat: WorkerSeat;
  /** What has to be transferred with the seat. */
  readonly transferList: NativePort[];
  /**
   * To be called when the other thread has ended. Node tells by itself; there it does nothing. A browser tells of a
   * worker that had begun to use its end; this also covers one that had not. The transport reports `ERROR`.
   */
  readonly lost: () => void;
}

/** A driver of one thread, and what is said to it alone. */
export interface WorkerDriver extends IpczDriver {
  readonly backlog: IpczDriverBacklog;
  /** A new transport, one end here and one to be sent to another thread. Throws when there are too many objects. */
  offerSeat(): WorkerSeatOffer;
  /** The end of a transport that another thread offered; the caller's. Throws a `TypeError` for anything else. */
  takeSeat(seat: unknown): IpczDriverHandle;
  /** While active, this transport keeps its thread alive; so it is at first. Node only. */
  ref(transport: IpczDriverHandle): void;
  /** This transport does not keep its thread alive. Node only. */
  unref(transport: IpczDriverHandle): void;
  /** Who is told of bad transport activity; null: nobody. */
  onBadActivity(callback: MemBadActivity | null): void;
  /** The objects that exist here, also those in messages that wait. */
  liveObjects(): MemLiveObjects;
}

/** What a driver is like; every part has a default. */
export interface WorkerDriverOptions {
  /** Calls that are refused, for tests. Default: none. */
  readonly refusals?: readonly MemRefusal[];
  /** Decides what of the above is left to chance. Default: 1. */
  readonly seed?: number;
}

/** The one owner of all handles: each driver has a table of its own. */
const OWNER: OwnerId = 1;

/**
 * A driver for one node of this thread. Throws where there is no `SharedArrayBuffer`: a page has it only when it is
 * cross-origin isolated.
 */
export function workerDriver(options: WorkerDriverOptions = {}): WorkerDriver {
  if (typeof SharedArrayBuffer !== "function")
    throw new Error(
      "there is no SharedArrayBuffer; a page must be served with the headers " +
        "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  return createWorkerDriver(options, hostObituaries());
}

/** A driver for a host that tells of deaths in this way. */
export function createWorkerDriver(
  options: WorkerDriverOptions,
  obituaries: Obituaries,
): WorkerDriver {
  const ports = new Ports(obituaries);
  const parts = newParts(ports, options);
  const find = (transport: IpczDriverHandle): PortTransport | null => {
    const end = findTransport(parts, transport);
    return end instanceof PortTransport ? end : null;
  };
  return {
    ...driverEntries(parts),
    offerSeat: () => offerSeat(ports),
    takeSeat: (seat) => takeSeat(ports, seat),
    ref: (transport) => find(transport)?.refer(true),
    unref: (transport) => find(transport)?.refer(false),
    onBadActivity(callback) {
      parts.badActivity = callback;
    },
    liveObjects: () => countObjects(ports.table.list(null)),
  };
}

/** The objects of one driver, and how they leave and arrive. */
class Ports {
  readonly table: HandleTable;
  readonly bytes: MemBytes = { live: 0, freed: 0 };
  readonly host: PortHost;

  constructor(obituaries: Obituaries) {
    const [number = 0] = globalThis.crypto.getRandomValues(new Uint16Array(1));
    this.table = new HandleTable(1 + number);
    const { table } = this;
    this.host = {
      scheduler: new AsyncSchedule(),
      synchronous: false,
      scribble: false,
      batchMax: Infinity,
      readyAt: () => 0,
      adopt: (objects, owner) => objects.map((object) => table.give(object, owner)),
      discard: dropper(table),
      envelope: () => null,
      observe: () => {},
      unload: (objects) => objects.map((object) => this.unload(object)),
      load: (cargo) => this.load(cargo),
      obituaries,
    };
  }

  /** A transport that begins at this seat, for `owner`. There is room for it. */
  open(seat: Seat, owner: OwnerId): PortTransport {
    const end = new PortTransport(this.host, seat);
    this.table.add(end, owner);
    return end;
  }

  private unload(object: MemObject): CargoItem {
    this.table.remove(object);
    return object instanceof PortTransport ? object.depart() : unloadMemory(object);
  }

  private load(cargo: readonly CargoItem[]): MemObject[] | null {
    if (!this.table.hasRoom(cargo.length)) return null;
    return cargo.map((item) => {
      if ("port" in item) return this.open(item, NOBODY);
      const memory = loadMemory(item, this.bytes);
      this.table.add(memory, NOBODY);
      return memory;
    });
  }
}

function newParts(ports: Ports, { refusals = [], seed = 1 }: WorkerDriverOptions): DriverParts {
  const faults = new MemFaults(new SeededRandom(seed, RandomStream.faults));
  for (const refusal of refusals) faults.refuse(refusal);
  return {
    world: {
      table: ports.table,
      faults,
      host: ports.host,
      bytes: ports.bytes,
      bytesRandom: null,
      forceRelay: false,
      objectBytes: 0,
      sharedMemory: true,
    },
    id: OWNER,
    name: "worker",
    crashed: false,
    badActivity: null,
    connect() {
      if (!ports.table.hasRoom(2)) return null;
      const [seat0, seat1] = newSeats();
      return [ports.open(seat0, OWNER), ports.open(seat1, OWNER)];
    },
  };
}

function offerSeat(ports: Ports): WorkerSeatOffer {
  if (!ports.table.hasRoom(1)) throw new RangeError("this driver holds too many objects");
  const [ours, theirs] = newSeats();
  const end = ports.open(ours, OWNER);
  const port = nativePort(theirs.port);
  return {
    transport: end.handle,
    seat: { port, gauge: theirs.gauge, side: theirs.side },
    transferList: [port],
    lost: () => end.threadEnded(),
  };
}

function takeSeat(ports: Ports, value: unknown): IpczDriverHandle {
  const seat = seatOf(value);
  if (seat === null) throw new TypeError("this is no seat that a driver of another thread offered");
  if (!ports.table.hasRoom(1)) throw new RangeError("this driver holds too many objects");
  return ports.open(seat, OWNER).handle;
}
