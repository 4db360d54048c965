import {
  IPCZ_DRIVER_FUNCTIONS,
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriverHandle,
} from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { referenceCodec } from "../src/index.ts";
import {
  allocate,
  cell,
  createPair,
  mapMemory,
  mappedMemories,
  none,
  openDescriptors,
  serialize,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen, Listener } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";

const createDriver = driverMaker();

describe("the driver", () => {
  test("has the 13 functions, which need no `this`", () => {
    const driver = createDriver();
    expect(driver.size).toBe(IPCZ_DRIVER_SIZE);
    expect(IPCZ_DRIVER_FUNCTIONS.map((name) => typeof driver[name])).toEqual(
      IPCZ_DRIVER_FUNCTIONS.map(() => "function"),
    );
    // oxlint-disable-next-line typescript/unbound-method -- that they can be taken off is what is tested
    const { AllocateSharedMemory: allocateMemory, Close: close } = driver;
    const memory = cell();
    expect(allocateMemory(8, 0, null, memory)).toBe(IPCZ_RESULT_OK);
    expect(close(memory.value, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  test("refuses handles that are stale, made up, or another driver's", () => {
    const driver = createDriver();
    const other = createDriver();
    const [a, b] = createPair(driver);
    driver.Close(a, 0, null);
    createPair(driver);
    const { handler } = new Listener();
    for (const handle of [a, none, 1, 2 ** 24, Number.NaN].map(
      (value) => value as IpczDriverHandle,
    )) {
      const results = [
        driver.Close(handle, 0, null),
        driver.ActivateTransport(handle, none as never, handler, 0, null),
        driver.DeactivateTransport(handle, 0, null),
        transmit(driver, handle, "x"),
        driver.ReportBadTransportActivity(handle, null, 0, null),
      ];
      expect(results).toEqual(results.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    }
    expect(transmit(other, b, "x")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });

  test("gives each object a handle that is not used again", () => {
    const driver = createDriver();
    const seen = new Set<number>();
    for (let round = 0; round < 100; round++) {
      const memory = allocate(driver, 8);
      seen.add(memory);
      driver.Close(memory, 0, null);
      expect(driver.Close(memory, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    }
    expect(seen.size).toBe(100);
  });

  test("makes transports for two others, which it leaves alone; not for strangers", () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const [one, two] = [cell(), cell()];
    expect(driver.CreateTransports(a, b, 0, null, one, two)).toBe(IPCZ_RESULT_OK);
    const memory = allocate(driver, 8);
    const refused = driver.CreateTransports(a, memory, 0, null, one, two);
    expect(refused).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.liveObjects().transports).toBe(4);
  });

  test("fills a buffer with random bytes, and no more of it than asked", () => {
    const driver = createDriver();
    const buffer = new Uint8Array(64);
    expect(driver.GenerateRandomBytes(32, 0, null, buffer)).toBe(IPCZ_RESULT_OK);
    expect(buffer.subarray(0, 32).some((byte) => byte !== 0)).toBe(true);
    expect(buffer.subarray(32).every((byte) => byte === 0)).toBe(true);
    expect(driver.GenerateRandomBytes(65, 0, null, buffer)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.GenerateRandomBytes(-1, 0, null, buffer)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });

  test("tells the application of bad activity, and ignores it otherwise", () => {
    const reports: unknown[] = [];
    const driver = createDriver({
      onBadTransportActivity: (transport, context) => reports.push([transport, context]),
    });
    const [a] = createPair(driver);
    expect(driver.ReportBadTransportActivity(a, "why", 0, null)).toBe(IPCZ_RESULT_OK);
    expect(reports).toEqual([[a, "why"]]);
    const silent = createDriver();
    const [b] = createPair(silent);
    expect(silent.ReportBadTransportActivity(b, null, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  test("speaks the wire format it is given", async () => {
    // The reference format with another object kind in its first byte.
    const codec = {
      ...referenceCodec,
      name: "other",
      writeObject: (data: Uint8Array) => void data.fill(9, 0, 8),
      readObject: (data: Uint8Array) =>
        data[0] === 9
          ? ({ kind: "memory", numBytes: 64, access: "unsafe", guid: null } as const)
          : null,
    };
    const driver = createDriver({ codec });
    expect([...serialize(driver, allocate(driver, 64)).bytes]).toEqual([9, 9, 9, 9, 9, 9, 9, 9]);
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    transmit(driver, a, "hello");
    await atB.total(1);
    expect(atB.story).toEqual(["hello"]);
  });

  test("disposes of everything, telling active transports so", () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atA = listen(driver, a);
    serialize(driver, b);
    mapMemory(driver, allocate(driver, 64));
    transmit(driver, a, Buffer.alloc(4 << 20));
    driver.dispose();
    expect(atA.story).toEqual(["deactivated"]);
    const { retired: _retired, ...rest } = driver.liveObjects();
    expect(Object.values(rest).every((count) => count === 0)).toBe(true);
  });
});

describeOnLinux("nothing is left over", () => {
  test("of descriptors and mappings after a thousand of each kind", async () => {
    const driver = createDriver();
    const descriptors = openDescriptors().length;
    const mappings = mappedMemories();
    for (let round = 0; round < 1000; round++) {
      const [a, b] = createPair(driver);
      const memory = allocate(driver, 4096);
      const { mapping } = mapMemory(driver, memory);
      const copy = cell();
      driver.DuplicateSharedMemory(memory, 0, null, copy);
      const { bytes, handles } = serialize(driver, memory, a);
      const object = cell();
      driver.Deserialize(bytes, 8, handles, 1, b, 0, null, object);
      for (const each of [a, b, mapping, copy.value, object.value]) driver.Close(each, 0, null);
    }
    expect(openDescriptors().length).toBe(descriptors);
    expect(mappedMemories()).toBe(mappings);
  });

  test("after 200 connections in use were closed by either side", async () => {
    const driver = createDriver();
    const descriptors = openDescriptors().length;
    for (let round = 0; round < 200; round++) {
      const [a, b] = createPair(driver);
      const atA = listen(driver, a);
      const atB = listen(driver, b, ({ handles }) => {
        for (const handle of handles) driver.Close(handle, 0, null);
      });
      transmit(driver, a, "memory", serialize(driver, allocate(driver, 4096)).handles);
      await atB.total(1);
      const [first, second] = round % 2 === 0 ? [a, b] : [b, a];
      driver.Close(first, 0, null);
      await (first === a ? atB : atA).last("error");
      driver.Close(second, 0, null);
    }
    expect(openDescriptors().length).toBe(descriptors);
    expect(driver.liveObjects()).toMatchObject({ transports: 0, descriptors: 0, lingering: 0 });
  });

  test("when messages with descriptors are never read", () => {
    const driver = createDriver();
    const descriptors = openDescriptors().length;
    const [a, b] = createPair(driver);
    for (let round = 0; round < 500; round++) {
      const { handles } = serialize(driver, allocate(driver, 4096));
      transmit(driver, a, Buffer.alloc(2000), handles);
    }
    driver.Close(b, 0, null);
    driver.Close(a, 0, null);
    driver.dispose();
    expect(openDescriptors().length).toBe(descriptors);
  });
});
