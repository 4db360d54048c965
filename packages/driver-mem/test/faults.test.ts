import {
  IPCZ_RESULT_INTERNAL,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriverHandle,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { memDriver, memWorld, type MemDriver, type MemRefusal } from "../src/index.ts";
import { allocate, listen, send } from "./ear.ts";

function cell(): { value: IpczDriverHandle } {
  return { value: 0 as IpczDriverHandle };
}

function sync(refusal: MemRefusal): {
  driver: MemDriver;
  a: IpczDriverHandle;
  b: IpczDriverHandle;
} {
  const driver = memDriver({ schedule: "sync", refusals: [refusal] });
  const [a, b] = driver.createTransports("broker", "normal");
  return { driver, a, b };
}

/** Which of 64 allocations are refused under this seed. */
function pattern(seed: number): string {
  const refusals = [{ operation: "AllocateSharedMemory", probability: 0.5 }] as const;
  const driver = memDriver({ seed, refusals });
  return Array.from({ length: 64 }, () => (allocate(driver) === 0 ? "x" : ".")).join("");
}

describe("refusals", () => {
  it("refuse allocation to one driver of a world and not to others", () => {
    const world = memWorld({ schedule: "sync" });
    const [client, broker] = [world.driver("client"), world.driver("broker")];
    const lift = world.faults.refuse({ operation: "AllocateSharedMemory", driver: "client" });
    expect([allocate(client), allocate(broker) === 0]).toEqual([0, false]);
    lift();
    expect(allocate(client) === 0).toBe(false);
  });

  it("skip as many calls as told, then refuse as many as told", () => {
    const driver = memDriver();
    driver.world.faults.refuse({ operation: "AllocateSharedMemory", skip: 2, times: 3 });
    const refused = Array.from({ length: 7 }, () => allocate(driver) === 0);
    expect(refused).toEqual([false, false, true, true, true, false, false]);
  });

  it("go by a predicate over the call, and by the result that is asked for", () => {
    const driver = memDriver({ name: "picky" });
    const asked: string[] = [];
    driver.world.faults.refuse({
      operation: "AllocateSharedMemory",
      result: IPCZ_RESULT_INTERNAL,
      when(call) {
        asked.push(`${call.driver} ${call.operation} ${call.byteCount}`);
        return call.byteCount > 100;
      },
    });
    const results = [100, 101].map((size) => driver.AllocateSharedMemory(size, 0, null, cell()));
    expect(results).toEqual([IPCZ_RESULT_OK, IPCZ_RESULT_INTERNAL]);
    expect(asked).toEqual(["picky AllocateSharedMemory 100", "picky AllocateSharedMemory 101"]);
  });

  it("fall by the seed", () => {
    expect(pattern(5)).toBe(pattern(5));
    expect(pattern(5)).not.toBe(pattern(6));
    expect(pattern(5)).toMatch(/x.*\./);
  });

  it("refuse mapping, duplication, size, pairs and activation, and change nothing", () => {
    const { driver, a } = sync({ operation: "ActivateTransport", times: 1 });
    const memory = allocate(driver);
    const refusable = [
      "MapSharedMemory",
      "DuplicateSharedMemory",
      "GetSharedMemoryInfo",
      "CreateTransports",
    ] as const;
    for (const operation of refusable) driver.world.faults.refuse({ operation });
    const before = driver.liveObjects();
    const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: -1 };
    const none = 0 as IpczDriverHandle;
    const output = cell();
    const results = [
      driver.MapSharedMemory(memory, 0, null, { value: new Uint8Array(0) }, output),
      driver.DuplicateSharedMemory(memory, 0, null, output),
      driver.GetSharedMemoryInfo(memory, 0, null, info),
      driver.CreateTransports(none, none, 0, null, output, output),
    ];
    expect(results.includes(IPCZ_RESULT_OK)).toBe(false);
    expect([output.value, info.regionNumBytes, driver.liveObjects()]).toEqual([0, -1, before]);
    expect(listen(driver, a).heard).toEqual([`refused with ${IPCZ_RESULT_UNKNOWN}`]);
    expect(listen(driver, a).heard).toEqual([]);
  });

  it("fail a Transmit: its handles are closed and its own end says ERROR", () => {
    const { driver, a, b } = sync({ operation: "Transmit", skip: 1 });
    const [atA, atB] = [listen(driver, a), listen(driver, b)];
    send(driver, a, 0);
    expect(send(driver, a, 1, [allocate(driver)])).toBe(IPCZ_RESULT_UNKNOWN);
    expect([atA.heard, atB.heard]).toEqual([["ERROR"], [0]]);
    expect(driver.liveObjects().memories).toBe(0);
  });

  it("fail a Transmit silently, as a driver should not", () => {
    const { driver, a, b } = sync({ operation: "Transmit", times: 1, silent: true });
    const [atA, atB] = [listen(driver, a), listen(driver, b)];
    expect([send(driver, a, 0), send(driver, a, 1)]).toEqual([IPCZ_RESULT_UNKNOWN, IPCZ_RESULT_OK]);
    expect([atA.heard, atB.heard]).toEqual([[], [1]]);
  });

  it("fail to serialize after sizing: the object stays, the transport says ERROR", () => {
    const { driver, a } = sync({ operation: "Serialize" });
    const ear = listen(driver, a);
    const memory = allocate(driver);
    const numHandles = { value: 0 };
    const serialize = (handles: IpczDriverHandle[] | null): number =>
      driver.Serialize(memory, a, 0, null, null, null, handles, numHandles);
    expect([serialize(null), numHandles.value]).toEqual([IPCZ_RESULT_RESOURCE_EXHAUSTED, 1]);
    expect(ear.heard).toEqual([]);
    expect([serialize([]), driver.liveObjects().memories]).toEqual([IPCZ_RESULT_UNKNOWN, 1]);
    expect(ear.heard).toEqual(["ERROR"]);
  });

  it("let chosen objects travel by relay only", () => {
    const driver = memDriver();
    const [a] = driver.createTransports("broker", "broker");
    const [stays, goes] = [allocate(driver), allocate(driver)];
    driver.world.faults.refuse({ operation: "Travel", when: ({ handle }) => handle === stays });
    const results = [stays, goes].map((object) =>
      driver.Serialize(object, a, 0, null, null, null, null, null),
    );
    expect(results).toEqual([IPCZ_RESULT_PERMISSION_DENIED, IPCZ_RESULT_RESOURCE_EXHAUSTED]);
  });

  it("are gone when cleared", () => {
    const driver = memDriver({ refusals: [{ operation: "AllocateSharedMemory" }] });
    expect(allocate(driver)).toBe(0);
    driver.world.faults.clear();
    expect(allocate(driver) === 0).toBe(false);
  });
});
