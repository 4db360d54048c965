import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { memDriver, memWorld, type MemDriver } from "../src/index.ts";
import { allocate, listen, send } from "./ear.ts";

describe("drivers of one world", () => {
  it("are connected by transports", async () => {
    const world = memWorld({ schedule: "async" });
    const [left, right] = [world.driver("left"), world.driver("right")];
    const [a, b] = world.connect(left, right);
    const [atA, atB] = [listen(left, a), listen(right, b)];
    send(left, a, 1);
    send(right, b, 2);
    await world.settle();
    expect([atA.heard, atB.heard]).toEqual([[2], [1]]);
  });

  it("refuse each other's handles", () => {
    const world = memWorld({ schedule: "sync" });
    const [left, right] = [world.driver("left"), world.driver("right")];
    const [a] = world.connect(left, right);
    const memory = allocate(left);
    const output = { value: 0 as IpczDriverHandle };
    const results = [
      right.Close(memory, 0, null),
      right.DuplicateSharedMemory(memory, 0, null, output),
      right.DeactivateTransport(a, 0, null),
      send(right, a, 1),
      right.Serialize(memory, 0 as IpczDriverHandle, 0, null, null, null, null, null),
    ];
    expect(results).toEqual(results.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    expect(left.Close(memory, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  it("hand objects over through transports, under new handles", () => {
    const world = memWorld({ schedule: "sync" });
    const [left, right] = [world.driver("left"), world.driver("right")];
    const [a, b] = world.connect(left, right);
    const ear = listen(right, b);
    const memory = allocate(left);
    send(left, a, 1, [memory]);
    const [arrived = 0 as IpczDriverHandle] = ear.handles;
    expect([left.Close(memory, 0, null), right.Close(memory, 0, null)]).toEqual([
      IPCZ_RESULT_INVALID_ARGUMENT,
      IPCZ_RESULT_INVALID_ARGUMENT,
    ]);
    expect([left.Close(arrived, 0, null), right.Close(arrived, 0, null)]).toEqual([
      IPCZ_RESULT_INVALID_ARGUMENT,
      IPCZ_RESULT_OK,
    ]);
  });

  it("refuse handles of another world", () => {
    const driver = memDriver({ schedule: "seeded", seed: 1 });
    const other = memDriver({ schedule: "seeded", seed: 2 });
    expect(other.Close(allocate(driver), 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(() => driver.world.connect(driver, other)).toThrow("another world");
  });

  it.each(["sync", "async", "seeded"] as const)(
    "take random bytes and first handles from the seed when told so, under the schedule %s",
    (schedule) => {
      const start = (seed: number, randomBytes: "host" | "seeded"): string => {
        const driver = memDriver({ schedule, seed, randomBytes });
        const bytes = new Uint8Array(16);
        expect(driver.GenerateRandomBytes(16, 0, null, bytes)).toBe(IPCZ_RESULT_OK);
        return `${allocate(driver)} ${bytes.join(" ")}`;
      };
      expect(start(7, "seeded")).toBe(start(7, "seeded"));
      expect(start(8, "seeded")).not.toBe(start(7, "seeded"));
      expect(start(7, "host")).not.toBe(start(7, "host"));
    },
  );

  it("scribble over lent bytes when the handler has returned", () => {
    const driver = memDriver({ schedule: "sync", scribble: true });
    const [a, b] = driver.createTransports("broker", "normal");
    const kept: Uint8Array[] = [];
    const atHandler: number[] = [];
    driver.ActivateTransport(
      b,
      1 as IpczHandle,
      (_listener, data) => {
        if (data !== null) kept.push(data);
        atHandler.push(data?.[0] ?? -1);
        return IPCZ_RESULT_OK;
      },
      0,
      null,
    );
    send(driver, a, 5);
    expect([atHandler, kept[0]?.[0]]).toEqual([[5], 0xdb]);
  });
});

/** Whether memory may travel over `transport`. */
function probe(driver: MemDriver, transport: IpczDriverHandle): number {
  return driver.Serialize(allocate(driver), transport, 0, null, null, null, null, null);
}

describe("transports that may not carry everything", () => {
  it("need a relay between two non-brokers when told so, and only then", () => {
    const types = [
      ["broker", "broker"],
      ["broker", "normal"],
      ["normal", "broker"],
      ["normal", "normal"],
    ] as const;
    const results = [true, false].map((forceRelay) => {
      const driver = memDriver({ forceRelay });
      return types.map(([type0, type1]) => probe(driver, driver.createTransports(type0, type1)[0]));
    });
    const fits = IPCZ_RESULT_RESOURCE_EXHAUSTED;
    expect(results).toEqual([
      [fits, fits, fits, IPCZ_RESULT_PERMISSION_DENIED],
      [fits, fits, fits, fits],
    ]);
  });

  it("take the types of new pairs from the far ends of the transports these will be sent over", () => {
    const driver = memDriver({ forceRelay: true });
    const made = (transport0: IpczDriverHandle, transport1: IpczDriverHandle): IpczDriverHandle => {
      const [new0, new1] = [{ value: 0 as IpczDriverHandle }, { value: 0 as IpczDriverHandle }];
      driver.CreateTransports(transport0, transport1, 0, null, new0, new1);
      return new0.value;
    };
    const [toNormal, toBroker] = driver.createTransports("broker", "normal");
    const [toOther] = driver.createTransports("broker", "normal");
    const none = 0 as IpczDriverHandle;
    const results = [
      probe(driver, made(toNormal, toOther)), // normal and normal
      probe(driver, made(toNormal, toBroker)), // normal and broker
      probe(driver, made(none, none)), // two brokers, for want of a better idea
    ];
    const fits = IPCZ_RESULT_RESOURCE_EXHAUSTED;
    expect(results).toEqual([IPCZ_RESULT_PERMISSION_DENIED, fits, fits]);
  });

  it("never carry themselves, their other end, active transports or mappings", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "broker");
    const [c, d] = driver.createTransports("broker", "broker");
    const ear = listen(driver, d);
    const mapping = { value: 0 as IpczDriverHandle };
    driver.MapSharedMemory(allocate(driver), 0, null, { value: new Uint8Array(0) }, mapping);
    const overA = [a, b, d, mapping.value].map((object) =>
      driver.Serialize(object, a, 0, null, null, null, null, null),
    );
    expect(overA).toEqual(overA.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    expect(send(driver, a, 1, [b])).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.Close(b, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT); // taken, and closed
    expect(send(driver, c, 1, [mapping.value])).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect([ear.heard, driver.liveObjects().mappings]).toEqual([[], 0]);
  });
});
