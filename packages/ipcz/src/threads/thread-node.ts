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
import type { PeerRole } from "../node/connect-options.ts";
import { LocalNode, type LocalNodeOptions } from "../node/local-node.ts";
import type { Portal } from "../objects/objects.ts";

/**
 * One end of a connection on its way to the thread that will have it. Structured clone keeps it whole, so that it can
 * be anywhere in a message; it is for one thread, and for one node of it.
 */
export interface ThreadSeat {
  /** That end, as the driver between threads has it. Its port has to be transferred with the message. */
  readonly seat: WorkerSeat;
  /** How many portals the connection has on each side, 1 to 12. */
  readonly portals: number;
  /** What the thread that offers it is to the one that takes it. */
  readonly peer: PeerRole;
}

/** A connection that another thread may take the other end of. */
export interface SeatOffer {
  /** The portals that lead there, the caller's to close. They work at once: what is put waits for the other node. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
  /** To be sent to the thread: in its `workerData`, or by `postMessage`. */
  readonly seat: ThreadSeat;
  /** What has to be transferred with it. */
  readonly transferList: readonly NativePort[];
  /**
   * To be called when the thread has ended: the portals see their peer closed. A browser tells by itself only of
   * threads that had taken the seat; Node tells of all, and there this does nothing.
   */
  readonly lost: () => void;
}

/** What a thread has joined. */
export interface JoinedThread<N extends ThreadNode = ThreadNode> {
  /** The thread's node; no broker itself. */
  readonly node: N;
  /** The portals that lead to the thread that offered the seat, the caller's to close. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
}

/**
 * A node over memory that the threads of one process share, on any host. Who starts the threads, and how a seat gets
 * there, is the program's affair; where that is Node, `WorkerNode` of `ipcz` does it.
 */
export class ThreadNode extends LocalNode {
  declare readonly driver: WorkerDriver;

  /** Makes a node. Throws where there is no `SharedArrayBuffer`: a page must be cross-origin isolated. */
  constructor(options: LocalNodeOptions = {}) {
    super(workerDriver(), options);
  }

  /**
   * Opens a connection, of 1 portal by default and 12 at most, whose other end a thread may take: as a member of this
   * broker's network, or, when this node is none, of the network that this node is in.
   *
   * Throws a RangeError for another number of portals, `ERR_IPCZ_CLOSED` when the node is closed; nothing is left then.
   */
  offerSeat({ portals: count = 1 }: { readonly portals?: number } = {}): SeatOffer {
    const peer = this.isBroker ? "member" : "guest";
    this.checkConnect({ peer, portals: count });
    const { transport, seat, transferList, lost } = this.driver.offerSeat();
    const portals = this.connectTransport(transport, { peer, portals: count });
    const thread: ThreadSeat = {
      seat,
      portals: count,
      peer: this.isBroker ? "broker" : "sponsor",
    };
    return { portals, portal: firstOf(portals), seat: thread, transferList, lost };
  }

  /**
   * Takes the end of a connection that another thread has offered, and answers with the portals that lead there, the
   * caller's to close. A node that is no broker does so once: then it is in a network.
   *
   * Throws a TypeError for what is no seat, or was offered to a node that is no broker while this one is;
   * `ERR_IPCZ_CLOSED` when this node is closed. The seat is not taken then.
   */
  takeSeat(seat: unknown): Portal[] {
    const { portals, peer, seat: end } = readSeat(seat);
    this.checkConnect({ portals, peer });
    return this.connectTransport(this.driver.takeSeat(end), { portals, peer });
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

/** As far as this package knows it; whether `seat` is one of the driver's, the driver says. */
function readSeat(value: unknown): {
  readonly portals: number;
  readonly peer: PeerRole;
  readonly seat: unknown;
} {
  const refusal = "this is no seat that a node of another thread offered";
  if (typeof value !== "object" || value === null) throw new TypeError(refusal);
  const { seat, portals, peer } = value as Partial<ThreadSeat>;
  if (peer !== "broker" && peer !== "sponsor") throw new TypeError(refusal);
  if (typeof portals !== "number") throw new TypeError(refusal);
  return { portals, peer, seat };
}

function firstOf(portals: readonly Portal[]): Portal {
  const [portal] = portals;
  if (portal) return portal;
  throw new IpczError("ERR_IPCZ_UNKNOWN", "a connection has no portal");
}
