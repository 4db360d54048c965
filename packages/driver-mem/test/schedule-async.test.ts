import { IPCZ_RESULT_OK } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { memDriver } from "../src/index.ts";
import { AsyncSchedule } from "../src/schedule-async.ts";
import type { Deliverable } from "../src/scheduler.ts";
import { listen, send } from "./ear.ts";

/** Turns that are taken by hand. */
function handTurns(): {
  host: ConstructorParameters<typeof AsyncSchedule>[0];
  turn: () => boolean;
} {
  const pending: (() => void)[] = [];
  return {
    host: {
      setImmediate: (run: () => void) => pending.push(run),
      setTimeout: () => expect.unreachable("no timers"),
    },
    turn() {
      const run = pending.shift();
      run?.();
      return run !== undefined;
    },
  };
}

/** An end with `count` things to tell. */
function end(name: string, count: number, log: string[]): Deliverable {
  let left = count;
  return {
    scheduled: false,
    hasWork: () => left > 0,
    readyAt: () => 0,
    deliver: () => void log.push(`${name}${count - left--}`),
  };
}

/** What keeps the process alive for one more turn. */
function immediates(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Immediate").length;
}

describe("asynchronous schedule", () => {
  it("delivers in later turns, in order", async () => {
    const driver = memDriver({ schedule: "async" });
    const [a, b] = driver.createTransports("broker", "normal");
    const ear = listen(driver, b);
    for (const number of [0, 1, 2]) send(driver, a, number);
    await Promise.resolve();
    expect(ear.heard).toEqual([]);
    await driver.world.settle();
    expect(ear.heard).toEqual([0, 1, 2]);
  });

  it("delivers what is sent by a handler in a turn after that", async () => {
    const driver = memDriver({ schedule: "async" });
    const [a, b] = driver.createTransports("broker", "normal");
    const log: string[] = [];
    listen(driver, a, (number) => {
      log.push(`answer ${number}`);
      return IPCZ_RESULT_OK;
    });
    listen(driver, b, (number) => {
      send(driver, b, number);
      log.push(`question ${number}`);
      return IPCZ_RESULT_OK;
    });
    send(driver, a, 1);
    await driver.world.settle();
    expect(log).toEqual(["question 1", "answer 1"]);
  });

  it("gives each end one turn after the other", () => {
    const { host, turn } = handTurns();
    const schedule = new AsyncSchedule(host);
    const log: string[] = [];
    schedule.wake(end("a", 3, log));
    schedule.wake(end("b", 1, log));
    schedule.wake(end("c", 2, log));
    while (turn());
    expect(log).toEqual(["a0", "b0", "c0", "a1", "c1", "a2"]);
  });

  it("asks for no turn while nothing is pending", () => {
    const { host, turn } = handTurns();
    const schedule = new AsyncSchedule(host);
    schedule.wake(end("a", 0, []));
    expect(turn()).toBe(false);
    schedule.wake(end("b", 1, []));
    expect([turn(), turn()]).toEqual([true, false]);
  });

  it("does not keep the process alive for messages without a listener", async () => {
    const driver = memDriver({ schedule: "async" });
    const [a, b] = driver.createTransports("broker", "normal");
    await driver.world.settle();
    const before = immediates();
    send(driver, a, 1);
    expect(immediates()).toBe(before);
    const ear = listen(driver, b);
    expect(immediates()).toBe(before + 1);
    await driver.world.settle();
    expect([immediates(), ear.heard]).toEqual([before, [1]]);
  });

  it("goes on with the others when a handler throws", () => {
    const { host, turn } = handTurns();
    const schedule = new AsyncSchedule(host);
    const log: string[] = [];
    let left = 2;
    schedule.wake({
      scheduled: false,
      hasWork: () => left > 0,
      readyAt: () => 0,
      deliver() {
        left--;
        throw new Error("a bug of the application");
      },
    });
    schedule.wake(end("b", 2, log));
    let thrown = 0;
    for (let more = true; more;) {
      try {
        more = turn();
      } catch {
        thrown++;
      }
    }
    expect([thrown, log]).toEqual([2, ["b0", "b1"]]);
  });

  it("settles at once when there is nothing to do, and only when all is done", async () => {
    const driver = memDriver({ schedule: "async", delay: { probability: 1, stepsMax: 20 } });
    await driver.world.settle();
    const [a, b] = driver.createTransports("broker", "normal");
    const ear = listen(driver, b);
    for (let number = 0; number < 10; number++) send(driver, a, number);
    await driver.world.settle();
    expect(ear.heard.length).toBe(10);
  });
});
