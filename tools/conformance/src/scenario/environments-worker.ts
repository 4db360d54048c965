/**
 * Environments over the driver between threads: all nodes in this thread, or each in a worker thread of its own.
 */
import process from "node:process";
import { Worker, workerData } from "node:worker_threads";
import { IPCZ_NO_FLAGS, type IpczDriver, type IpczDriverHandle } from "@ipcz/api";
import { workerDriver, type WorkerDriver } from "@ipcz/driver-mem/worker";
import type { Counters } from "../table/leaks.ts";
import type { Environment, ProcessEnd, ProcessPlacement, World } from "./environment.ts";
import type { Subject } from "./environments-mem.ts";
import { loaderFlags, NODE_ENTRY } from "./node-entry.ts";
import { VANISHED_CODE } from "./process-end.ts";

/** Both of them; `entry` is the program of a node's thread, the same as that of a process. */
export function workerEnvironments(subject: Subject, entry: string = NODE_ENTRY): Environment[] {
  const common = {
    api: subject.api,
    inspect: subject.inspect,
    clientConnectFlags: IPCZ_NO_FLAGS,
    createWorld: createWorkerWorld,
    leaks: () => ({ ...subject.leaksOfThread(), "listening port": listeningPorts() }),
  };
  return [
    { ...common, name: "WorkerOneThread", processes: null },
    { ...common, name: "WorkerThreads", processes: threadsOf(entry) },
  ];
}

/** Ports that keep this thread alive. */
function listeningPorts(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "MessagePort").length;
}

/** Drivers know only their own handles; the stories hand back the driver they were given. */
const drivers = new WeakMap<IpczDriver, WorkerDriver>();

function workerDriverOf(driver: IpczDriver): WorkerDriver {
  const found = drivers.get(driver);
  if (found === undefined) throw new Error("this is no driver of a worker environment");
  return found;
}

function createWorkerWorld(): World {
  const opened: WorkerDriver[] = [];
  return {
    openDriver: () => {
      const driver = workerDriver();
      drivers.set(driver, driver);
      opened.push(driver);
      return driver;
    },
    createTransports: (left, right) =>
      connect(workerDriverOf(left.driver), workerDriverOf(right.driver)),
    leaks: () => sumOf(opened),
    close: () => {},
  };
}

function sumOf(opened: readonly WorkerDriver[]): Counters {
  const counts: Record<string, number> = {};
  for (const driver of opened) {
    for (const [what, count] of Object.entries(driver.liveObjects() as object))
      counts[what] = (counts[what] ?? 0) + Number(count);
  }
  return counts;
}

function connect(left: WorkerDriver, right: WorkerDriver): [IpczDriverHandle, IpczDriverHandle] {
  const { transport, seat } = left.offerSeat();
  return [transport, right.takeSeat(seat)];
}

function threadsOf(entry: string): ProcessPlacement {
  return {
    start: ({ driver }, start) => {
      const { transport, seat, transferList, lost } = workerDriverOf(driver).offerSeat();
      const worker = new Worker(entry, {
        argv: [JSON.stringify(start)],
        execArgv: loaderFlags(entry),
        workerData: seat,
        transferList,
        stdout: true,
        stderr: true,
      });
      worker.once("exit", lost);
      return {
        transport,
        pid: worker.threadId,
        ended: endOfThread(worker),
        kill: () => void worker.terminate(),
      };
    },
    inheritedTransport: (driver) => workerDriverOf(driver).takeSeat(workerData),
    vanish: () => process.exit(VANISHED_CODE),
  };
}

/** Resolves when the thread is gone. */
function endOfThread(worker: Worker): Promise<ProcessEnd> {
  let output = "";
  const collect = (part: unknown): void => {
    output += String(part);
  };
  worker.stdout.setEncoding("utf8").on("data", collect);
  worker.stderr.setEncoding("utf8").on("data", collect);
  worker.once("error", collect);
  return new Promise((resolve) => {
    worker.once("exit", (code) => {
      const killed = code === VANISHED_CODE;
      resolve({ code: killed ? null : code, signal: killed ? "SIGKILL" : null, output });
    });
  });
}
