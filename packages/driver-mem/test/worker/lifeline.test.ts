/** Death by lock, as in a browser: the locks are played here, and what Node says at its ports is not heard. */
import type { IpczDriverHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { createWorkerDriver } from "../../src/worker/driver.ts";
import type { WorkerDriver } from "../../src/worker/index.ts";
import { Lifeline, type Locks } from "../../src/worker/lifeline.ts";
import { listen, send, type Ear } from "../ear.ts";
import { turns } from "./turns.ts";

/** Locks that a test can take away from their holder, as a browser does when a thread dies. */
class PlayedLocks implements Locks {
  readonly held: string[] = [];
  private readonly queues = new Map<string, (() => void)[]>();

  request(
    name: string,
    { signal }: { readonly signal: AbortSignal },
    granted: () => Promise<void> | void,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")));
      const run = (): void => {
        this.held.push(name);
        const ended = async (): Promise<void> => {
          await granted();
          this.takeAway(name);
          resolve(null);
        };
        void ended();
      };
      const queue = this.queues.get(name) ?? [];
      this.queues.set(name, queue);
      if (this.held.includes(name)) queue.push(run);
      else run();
    });
  }

  /** The holder of `name` is gone; the next one gets it. */
  takeAway(name: string): void {
    const at = this.held.indexOf(name);
    if (at < 0) return;
    this.held.splice(at, 1);
    this.queues.get(name)?.shift()?.();
  }
}

/** A driver as in a browser with these locks. */
function browserDriver(locks: Locks): WorkerDriver {
  return createWorkerDriver({}, { atPorts: false, byLocks: new Lifeline(locks) });
}

interface Line {
  readonly near: WorkerDriver;
  readonly far: WorkerDriver;
  readonly a: IpczDriverHandle;
  readonly b: IpczDriverHandle;
  readonly lost: () => void;
}

function line(locks: Locks): Line {
  const [near, far] = [browserDriver(locks), browserDriver(locks)];
  const { transport, seat, lost } = near.offerSeat();
  return { near, far, a: transport, b: far.takeSeat(seat), lost };
}

/** The listener's thread is busy with each message for some time. */
function listenSlowly(driver: WorkerDriver, transport: IpczDriverHandle): Ear {
  return listen(driver, transport, () => {
    const until = performance.now() + 0.5;
    while (performance.now() < until);
    return 0;
  });
}

describe("a thread that dies where ports say nothing", () => {
  it("is an ERROR at the other end, once its lock is free", async () => {
    const locks = new PlayedLocks();
    const { near, far, a, b } = line(locks);
    const atA = listen(near, a);
    listen(far, b);
    await turns(() => locks.held.length === 2);
    expect(atA.heard).toEqual([]);
    locks.takeAway(locks.held.find((name) => name.endsWith(" 1")) ?? "the lock of the second end");
    await turns(() => atA.heard.length > 0);
    expect(atA.heard).toEqual(["ERROR"]);
    near.Close(a, 0, null);
    far.Close(b, 0, null);
    await turns(() => locks.held.length === 0);
    expect(locks.held, "no lock is left").toEqual([]);
  });

  it("is told after everything it had posted, also when it is much", async () => {
    const locks = new PlayedLocks();
    const { near, far, a, b, lost } = line(locks);
    const atA = listenSlowly(near, a);
    listen(far, b);
    await turns(() => locks.held.length === 2);
    for (let number = 0; number < 400; number++) send(far, b, number % 100);
    far.Close(b, 0, null); // lets go of its lock at once
    lost();
    await turns(() => atA.heard.includes("ERROR"));
    expect(atA.heard.length).toBe(401);
    near.Close(a, 0, null);
  });

  it("loses nothing at an end that is activated later", async () => {
    const { near, far, a, b, lost } = line(new PlayedLocks());
    listen(far, b);
    for (let number = 0; number < 10; number++) send(far, b, number);
    await turns();
    lost();
    await turns();
    const atA = listen(near, a);
    await turns(() => atA.heard.includes("ERROR"));
    expect(atA.heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "ERROR"]);
    near.Close(a, 0, null);
    far.Close(b, 0, null);
  });

  it("ends what it counted and never posted", async () => {
    const near = browserDriver(new PlayedLocks());
    const { transport, seat, lost } = near.offerSeat();
    const atA = listen(near, transport);
    new Int32Array(seat.gauge)[6] = 1000; // sent by side 1
    lost();
    await turns(() => atA.heard.length > 0);
    expect(atA.heard).toEqual(["ERROR"]);
    near.Close(transport, 0, null);
  });

  it("goes unnoticed, and nothing else happens, where locks are refused", async () => {
    const refusing = { request: () => Promise.reject(new Error("not here")) };
    const { near, far, a, b } = line(refusing);
    const atA = listen(near, a);
    listen(far, b);
    send(far, b, 3);
    await turns(() => atA.heard.length > 0);
    await turns();
    expect(atA.heard).toEqual([3]);
    far.Close(b, 0, null);
    await turns(() => atA.heard.length > 1);
    expect(atA.heard).toEqual([3, "ERROR"]);
    near.Close(a, 0, null);
  });
});
