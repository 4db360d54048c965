import {
  IPCZ_DRIVER_FUNCTIONS,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_RESULT_UNKNOWN,
  type IpczDriverHandle,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { memDriver, memWorld, type MemLiveObjects, type MemUndelivered } from "../src/index.ts";
import { allocate, listen, send } from "./ear.ts";

const NONE: MemLiveObjects = { transports: 0, memories: 0, mappings: 0, envelopes: 0 };

const cell = (): { value: IpczDriverHandle } => ({ value: 0 as IpczDriverHandle });

/** Sends 20 messages and cuts the line, under six seeds; how many arrived each time. */
function lengths(undelivered: MemUndelivered): number[] {
  return [1, 2, 3, 4, 5, 6].map((seed) => {
    const world = memWorld({ schedule: "seeded", seed });
    const driver = world.driver("a");
    const [a, b] = world.connect(driver, driver);
    const ear = listen(driver, b);
    for (let number = 0; number < 20; number++) send(driver, a, number);
    driver.cut(b, undelivered);
    world.runUntilIdle();
    const numbers = ear.heard.slice(0, -1);
    expect(ear.heard.at(-1), `seed ${seed}`).toBe("ERROR");
    expect(numbers, `seed ${seed}`).toEqual(numbers.map((_, index) => index));
    return numbers.length;
  });
}

describe("controls of a driver", () => {
  it("has all functions, which need no `this`", () => {
    const driver = memDriver();
    const types = IPCZ_DRIVER_FUNCTIONS.map((name) => typeof driver[name]);
    expect(types).toEqual(IPCZ_DRIVER_FUNCTIONS.map(() => "function"));
    // oxlint-disable typescript/unbound-method -- that they may be unbound is what is tested
    const { AllocateSharedMemory: allocateAlone, Close: closeAlone } = driver;
    // oxlint-enable typescript/unbound-method
    const memory = { value: 0 as IpczDriverHandle };
    expect(allocateAlone(64, 0, null, memory)).toBe(IPCZ_RESULT_OK);
    expect(closeAlone(memory.value, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  it("cuts a line: both ends say ERROR, nothing undelivered arrives, nothing leaks", () => {
    const world = memWorld({ schedule: "seeded" });
    const driver = world.driver("a");
    const [a, b] = world.connect(driver, driver);
    const [atA, atB] = [listen(driver, a), listen(driver, b)];
    send(driver, a, 1, [allocate(driver)]);
    send(driver, b, 2);
    expect(driver.cut(a)).toBe(true);
    send(driver, a, 3);
    world.runUntilIdle();
    expect([atA.heard, atB.heard]).toEqual([["ERROR"], ["ERROR"]]);
    expect(world.liveObjects()).toEqual({ ...NONE, transports: 2 });
    expect(driver.cut(allocate(driver))).toBe(false);
  });

  it("cuts a line and still delivers what was sent, all of it or a part that the seed decides", () => {
    expect(lengths("keep")).toEqual([20, 20, 20, 20, 20, 20]);
    expect(lengths("drop")).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(lengths("prefix")).size).toBeGreaterThan(2);
    expect(lengths("prefix")).toEqual(lengths("prefix"));
  });

  it("cuts a line before anybody listens", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    send(driver, a, 1);
    driver.cut(a, "keep");
    expect(listen(driver, b).heard).toEqual([1, "ERROR", "DEACTIVATED"]);
  });

  it("crashes: silence here, ERROR at the peers, every handle gone, no function works", () => {
    for (const schedule of ["sync", "seeded"] as const) {
      const world = memWorld({ schedule });
      const [victim, other] = [world.driver("victim"), world.driver("other")];
      const [here, there] = world.connect(victim, other);
      const [idleHere, idleThere] = world.connect(victim, other);
      const [atHere, atThere] = [listen(victim, here), listen(other, there)];
      const memory = allocate(victim);
      victim.crash("keep");
      send(other, there, 1);
      world.runUntilIdle();
      expect(atHere.heard).toEqual([]);
      expect(atThere.heard).toEqual(["ERROR"]);
      const atIdle = listen(other, idleThere);
      world.runUntilIdle();
      expect(atIdle.heard[0]).toBe("ERROR");
      expect(victim.liveObjects()).toEqual(NONE);
      expect(world.memoryBytes()).toEqual({ live: 0, freed: 64 });
      const gone = [here, idleHere, memory].map((handle) => victim.Close(handle, 0, null));
      expect(gone).toEqual(gone.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
      const [output, second] = [cell(), cell()];
      const bytes = new Uint8Array(8);
      const none = 0 as IpczDriverHandle;
      expect([
        victim.AllocateSharedMemory(1, 0, null, output),
        victim.CreateTransports(none, none, 0, null, output, second),
        victim.GenerateRandomBytes(8, 0, null, bytes),
        victim.Deserialize(bytes, 8, null, 0, here, 0, null, output),
      ]).toEqual(Array.from({ length: 4 }, () => IPCZ_RESULT_UNAVAILABLE));
      expect([output.value, second.value, ...bytes]).toEqual(Array.from({ length: 10 }, () => 0));
    }
  });

  it("refuses handles and counts that are none, and gives nothing", () => {
    const driver = memDriver();
    const [output, second] = [cell(), cell()];
    const [none, madeUp] = [0, 12_345] as IpczDriverHandle[];
    const bytes = new Uint8Array(8);
    const refused = [
      ...[0, -1, 0.5, Number.NaN].map((count) =>
        driver.AllocateSharedMemory(count, 0, null, output),
      ),
      ...[-1, 0.5, 9].map((count) => driver.GenerateRandomBytes(count, 0, null, bytes)),
      driver.CreateTransports(madeUp!, none!, 0, null, output, second),
      driver.CreateTransports(none!, madeUp!, 0, null, output, second),
      driver.ReportBadTransportActivity(madeUp!, "bad", 0, null),
    ];
    expect(refused).toEqual(refused.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    expect([output.value, second.value, ...bytes]).toEqual(Array.from({ length: 10 }, () => 0));
    expect(driver.liveObjects()).toEqual(NONE);
  });

  it("crashes in one of its own handlers", () => {
    const world = memWorld({ schedule: "sync" });
    const [victim, other] = [world.driver("victim"), world.driver("other")];
    const [here, there] = world.connect(victim, other);
    const atThere = listen(other, there);
    const atHere = listen(victim, here, () => {
      victim.crash();
      return IPCZ_RESULT_UNKNOWN;
    });
    send(other, there, 1);
    send(other, there, 2);
    expect([atHere.heard, atThere.heard]).toEqual([[1], ["ERROR"]]);
  });

  it("reports bad activity to whoever asked for it", () => {
    const driver = memDriver();
    const [a] = driver.createTransports("broker", "normal");
    const reports: unknown[] = [];
    driver.onBadActivity((transport, context) => reports.push([transport, context]));
    expect(driver.ReportBadTransportActivity(a, "why", 0, null)).toBe(IPCZ_RESULT_OK);
    driver.onBadActivity(null);
    driver.ReportBadTransportActivity(a, "again", 0, null);
    expect(reports).toEqual([[a, "why"]]);
  });
});

describe("accounting", () => {
  it("counts objects by kind, and bytes until the last owner is gone", () => {
    const driver = memDriver();
    const { world } = driver;
    const memory = allocate(driver, 1000);
    const copy = { value: 0 as IpczDriverHandle };
    const mapping = { value: 0 as IpczDriverHandle };
    driver.DuplicateSharedMemory(memory, 0, null, copy);
    driver.MapSharedMemory(memory, 0, null, { value: new Uint8Array(0) }, mapping);
    driver.createTransports("broker", "broker");
    expect(driver.liveObjects()).toEqual({ ...NONE, transports: 2, memories: 2, mappings: 1 });
    for (const handle of [memory, copy.value]) driver.Close(handle, 0, null);
    expect(world.memoryBytes()).toEqual({ live: 1000, freed: 0 });
    driver.Close(mapping.value, 0, null);
    expect(world.memoryBytes()).toEqual({ live: 0, freed: 1000 });
  });

  it("counts what is under way for the world, and drops it with its transport", () => {
    const world = memWorld({ schedule: "seeded" });
    const [sender, receiver] = [world.driver("sender"), world.driver("receiver")];
    const [a, b] = world.connect(sender, receiver);
    const [inner] = world.connect(sender, sender);
    send(sender, inner, 1, [allocate(sender)]);
    send(sender, a, 1, [inner]);
    expect([sender.liveObjects().memories, world.liveObjects().memories]).toEqual([0, 1]);
    receiver.Close(b, 0, null);
    expect(world.liveObjects()).toEqual({ ...NONE, transports: 2, memories: 1 });
    sender.crash();
    expect(world.liveObjects()).toEqual(NONE);
  });

  it("drops a long chain of transports within transports", () => {
    const driver = memDriver({ schedule: "sync" });
    let [outer] = driver.createTransports("broker", "normal");
    for (let depth = 0; depth < 20_000; depth++) {
      // What waits for the end that is sent away is the chain so far.
      const [a, b] = driver.createTransports("broker", "normal");
      send(driver, a, 0, [outer]);
      outer = b;
    }
    driver.Close(outer, 0, null);
    expect(driver.world.liveObjects().transports).toBe(driver.liveObjects().transports);
    expect(driver.liveObjects().transports).toBe(20_001);
  });

  it("hands out an envelope with each message and counts it until it is closed", () => {
    const driver = memDriver({ schedule: "sync", envelopes: true });
    const [a, b] = driver.createTransports("broker", "normal");
    listen(driver, b);
    send(driver, a, 1);
    send(driver, a, 2);
    expect(driver.liveObjects().envelopes).toBe(2);
  });
});
