/**
 * A node that starts worker threads of Node, and its counterpart in them.
 */
import { Worker, workerData, type WorkerOptions } from "node:worker_threads";
import type { LocalNodeOptions } from "./local-node.ts";
import { IpczError } from "../errors/ipcz-error.ts";
import type { Portal } from "../objects/objects.ts";
import { joinWith, type JoinedThread, ThreadNode } from "../threads/thread-node.ts";

type Transferable = NonNullable<WorkerOptions["transferList"]>[number];

/** Under this name the seat is in a worker's `workerData`, beside what the program put there. */
const seatKey = "ipcz";

/** How to start a worker: as for `new Worker`, and how to connect to it. */
export interface StartWorkerOptions extends WorkerOptions {
  /** What the worker gets as its `workerData`: an object, to which `ipcz` is added. */
  readonly workerData?: Readonly<Record<string, unknown>>;
  /** Portals that lead to the worker, 1 by default, 12 at most. */
  readonly portals?: number;
}

/** A started worker and the portals that lead to it. They work at once, though it may not have joined yet. */
export interface WorkerChild {
  /** The worker; ending it is the program's affair. */
  readonly worker: Worker;
  /** The portals that lead there. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
}

/**
 * A node connected to workers of this process, and through them to theirs, over memory that threads share. It has no
 * line to other processes: that is what `Node` is for.
 */
export class WorkerNode extends ThreadNode {
  /**
   * Starts a worker that has one end of a new connection; it joins with {@link connectToStarter}. Throws what
   * `new Worker` throws; then nothing is left.
   */
  worker(file: string | URL, options: StartWorkerOptions = {}): WorkerChild {
    const { portals: count = 1, workerData: data = {}, transferList = [], ...rest } = options;
    if (typeof data !== "object" || data === null || seatKey in data)
      throw new TypeError(
        `workerData must be an object without "${seatKey}", which is added to it`,
      );
    const { seat, transferList: ports, portals, portal, lost } = this.offerSeat({ portals: count });
    try {
      const worker = new Worker(file, {
        ...rest,
        workerData: { ...data, [seatKey]: seat },
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ports of Node, as this host's are
        transferList: [...transferList, ...(ports as unknown as readonly Transferable[])],
      });
      worker.once("exit", lost);
      return { worker, portals, portal };
    } catch (error) {
      for (const each of portals) each.close();
      throw error;
    }
  }
}

/**
 * In a worker that a {@link WorkerNode} has started: makes a node and connects it to that one. Once in a worker; throws
 * `ERR_IPCZ_NO_PARENT` when there is nothing to join.
 */
export function connectToStarter(
  options: Omit<LocalNodeOptions, "broker"> = {},
): JoinedThread<WorkerNode> {
  const seat = takeSeat(workerData);
  if (seat === undefined)
    throw new IpczError("ERR_IPCZ_NO_PARENT", "no node has started this thread, or it has joined");
  return joinWith(new WorkerNode({ ...options, broker: false }), seat);
}

/** A seat is there for one. */
function takeSeat(data: unknown): unknown {
  if (typeof data !== "object" || data === null || !(seatKey in data)) return undefined;
  const seat = data[seatKey];
  delete data[seatKey];
  return seat;
}
