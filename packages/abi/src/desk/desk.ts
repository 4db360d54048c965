/**
 * The desk: a thread of its own that native threads report to.
 *
 * A native thread that calls JavaScript waits until the thread that made the callback has run it. Were that this one, a
 * call made here that waits for the native thread (closing a node joins the I/O threads of its driver), or for a lock
 * that the native thread holds while it calls, would wait for ever. The desk makes no such call and so always answers;
 * what it was told is fetched from here, at the end of each native call or by the event loop.
 */
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from "node:worker_threads";
import { nativeTurn, type Job } from "../border/native-turn.ts";
import type { ReportCallbacks } from "../border/report-callbacks.ts";
import { deliver, type Report } from "../border/reports.ts";
import { beginLeavingAtOnce, endLeavingAtOnce } from "./leave-at-once.ts";

/** What the desk's thread is given. */
export interface DeskSupplies {
  readonly port: MessagePort;
  /** Receives the addresses of its callbacks: trap, destroy, activity. */
  readonly addresses: BigUint64Array;
  /** Becomes 1 when these are there. */
  readonly ready: Int32Array;
}

const START_MS_MAX = 30_000;

/** The desk as seen from here. */
export class Desk {
  readonly callbacks: ReportCallbacks;
  private readonly port: MessagePort;
  private holders = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const supplies: DeskSupplies = {
      port: port2,
      addresses: new BigUint64Array(new SharedArrayBuffer(24)),
      ready: new Int32Array(new SharedArrayBuffer(4)),
    };
    startWorker(supplies).unref();
    if (Atomics.wait(supplies.ready, 0, 0, START_MS_MAX) === "timed-out") {
      throw new Error("the thread that native threads report to did not start (is it built?)");
    }
    const [trap = 0n, destroy = 0n, activity = 0n] = supplies.addresses;
    this.callbacks = { trap, destroy, activity };
    this.port = port1;
    port1.on("message", (report: Report) => {
      nativeTurn.defer(() => deliver(report));
    });
    port1.unref();
    nativeTurn.alsoFrom(() => this.next());
  }

  /** Keeps the process alive until it is given back: a native thread may have something to report. */
  hold(): void {
    this.holders++;
    if (this.holders > 1) return;
    this.port.ref();
    beginLeavingAtOnce();
  }

  /** Gives back one hold. */
  release(): void {
    this.holders--;
    if (this.holders > 0) return;
    this.port.unref();
    endLeavingAtOnce();
  }

  private next(): Job | null {
    const received: { message: Report } | undefined = receiveMessageOnPort(this.port);
    if (received === undefined) return null;
    return () => deliver(received.message);
  }
}

/**
 * The thread runs compiled code, also when this file is source: a loader would want to talk to this thread, which waits.
 */
function startWorker(supplies: DeskSupplies): Worker {
  const isSource = import.meta.url.endsWith(".ts");
  const url = new URL(
    isSource ? "../../dist/desk/desk-worker.js" : "./desk-worker.js",
    import.meta.url,
  );
  return new Worker(url, {
    workerData: supplies,
    transferList: [supplies.port],
    execArgv: [],
    name: "ipcz desk",
  });
}

let opened: Desk | null = null;

/** The desk of this process; started by the first who needs it. */
export function openDesk(): Desk {
  opened ??= new Desk();
  return opened;
}
