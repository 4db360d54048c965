/**
 * A node of one thread, connected to nodes of other threads: in Node's workers, and in a browser's page and its
 * workers. Nothing here needs an operating system; who starts the thread, and how the seat gets there, is the host's.
 */
import {
  type NativePort,
  workerDriver,
  type WorkerDriver,
  type WorkerSeat,
} from "@ipcz/driver-mem/worker";
import { IpczError } from "../errors/ipcz-error.ts";
import { flagsOf, type PeerRole } from "../node/connect-options.ts";
import { LocalNode, type LocalNodeOptions } from "../node/local-node.ts";
import type { Portal } from "../objects/objects.ts";

/** One end of a connection on its way to the thread that will have it. Structured clone keeps it whole. */
export interface ThreadSeat {
  /** The transport. */
  readonly seat: WorkerSeat;
  /** Portals of the connection. */
  readonly portals: number;
  /** What the thread that offers it is to the one that takes it. */
  readonly peer: PeerRole;
}

/** A connection that another thread may take the other end of. */
export interface SeatOffer {
  /** The portals that lead there. They work at once. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
  /** To be sent to the thread: in its `workerData`, or by `postMessage`. */
  readonly seat: ThreadSeat;
  /** What has to be transferred with it. */
  readonly transferList: readonly NativePort[];
  /** To be called when the thread has ended, in browsers that do not tell. */
  readonly lost: () => void;
}

/** What a thread has joined. */
export interface JoinedThread<N extends ThreadNode = ThreadNode> {
  /** The thread's node; no broker itself. */
  readonly node: N;
  /** The portals that lead to the thread that offered the seat. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
}

/** A node over memory that the threads of one process share. */
export class ThreadNode extends LocalNode {
  declare readonly driver: WorkerDriver;

  /** Makes a node. Throws where there is no `SharedArrayBuffer`: a page must be cross-origin isolated. */
  constructor(options: LocalNodeOptions = {}) {
    super(workerDriver(), options);
  }

  /** Opens a connection, 1 portal by default and 12 at most, whose other end a thread may take. */
  offerSeat({ portals: count = 1 }: { readonly portals?: number } = {}): SeatOffer {
    const peer = this.isBroker ? "member" : "guest";
    flagsOf(this.isBroker, { peer, portals: count });
    const { transport, seat, transferList, lost } = this.driver.offerSeat();
    const portals = this.connectTransport(transport, { peer, portals: count });
    const thread: ThreadSeat = {
      seat,
      portals: count,
      peer: this.isBroker ? "broker" : "sponsor",
    };
    return { portals, portal: firstOf(portals), seat: thread, transferList, lost };
  }

  /** Takes the end of a connection that another thread has offered; a node does so once. */
  takeSeat(seat: unknown): Portal[] {
    const { portals, peer, transport } = readSeat(this.driver, seat);
    return this.connectTransport(transport, { portals, peer });
  }
}

/** Makes the node of a thread that has been given a seat. Throws a TypeError for what is none. */
export function joinThread(
  seat: unknown,
  options: Omit<LocalNodeOptions, "broker"> = {},
): JoinedThread {
  return joinWith(new ThreadNode({ ...options, broker: false }), seat);
}

/** The same with a node made before; it is closed when that fails. */
export function joinWith<N extends ThreadNode>(node: N, seat: unknown): JoinedThread<N> {
  try {
    const portals = node.takeSeat(seat);
    return { node, portals, portal: firstOf(portals) };
  } catch (error) {
    node.close();
    throw error;
  }
}

function readSeat(driver: WorkerDriver, value: unknown) {
  const refusal = "this is no seat that a node of another thread offered";
  if (typeof value !== "object" || value === null) throw new TypeError(refusal);
  const { seat, portals, peer } = value as Partial<ThreadSeat>;
  if (peer !== "broker" && peer !== "sponsor") throw new TypeError(refusal);
  if (typeof portals !== "number") throw new TypeError(refusal);
  flagsOf(false, { portals, peer });
  return { portals, peer, transport: driver.takeSeat(seat) };
}

function firstOf(portals: readonly Portal[]): Portal {
  const [portal] = portals;
  if (portal) return portal;
  throw new IpczError("ERR_IPCZ_UNKNOWN", "a connection has no portal");
}
