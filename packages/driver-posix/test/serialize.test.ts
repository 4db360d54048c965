import { openSync } from "node:fs";
import { foreign } from "@ipcz/abi/ffi";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriverHandle,
} from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { CarriedDescriptor } from "../src/carried-descriptor.ts";
import { Descriptor } from "../src/fd.ts";
import type { PosixDriver } from "../src/index.ts";
import { openSystem } from "../src/system.ts";
import {
  allocate,
  cell,
  createPair,
  deserialize,
  immediate,
  mapMemory,
  none,
  openDescriptors,
  serialize,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";

const system = openSystem(foreign);

/** Kernel buffers are small here: what a megabyte leaves over must wait. */
const createDriver = driverMaker({ socketBufferBytes: 212_992 });

function bytesOf(type: number, size: number): Uint8Array {
  return new Uint8Array(Uint32Array.from([type, size]).buffer);
}

/** One end of a Unix socket pair of another type. */
function socketOf(type: number): number {
  const pair = new Int32Array(2);
  expect(system.libc.socketpair(1, type | 0o2000000, 0, pair)).toBe(0);
  system.libc.close(pair[1] as number);
  return pair[0] as number;
}

/** A stream socket that is connected to nothing. */
function unconnected(domain: number): number {
  const socket = foreign
    .load(null)
    .bind<(d: number, t: number, p: number) => number>(
      "int socket(int domain, int type, int protocol)",
    );
  return socket(domain, 1, 0);
}

/** The answer to "may it travel?", asked with nothing but nulls. */
function probe(driver: PosixDriver, object: IpczDriverHandle, transport = none): number {
  return driver.Serialize(object, transport, 0, null, null, null, null, null);
}

/** Sends an object from one driver to another, over a connection between them. */
async function send(
  from: PosixDriver,
  object: IpczDriverHandle,
  to: PosixDriver,
): Promise<{ result: number; object: IpczDriverHandle }> {
  const [a, b] = createPair(from);
  const receiving = to.transportFromDescriptor(from.releaseDescriptor(b));
  const listener = listen(to, receiving);
  const serialized = serialize(from, object, a);
  expect(transmit(from, a, serialized.bytes, serialized.handles)).toBe(IPCZ_RESULT_OK);
  await listener.total(1);
  const [{ bytes, handles } = { bytes: Buffer.alloc(0), handles: [] }] = listener.notifications;
  return deserialize(to, { bytes, handles: [...handles] }, receiving);
}

describe("Serialize", () => {
  test("says what it needs, through each count there is, and changes nothing", () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    for (const object of [allocate(driver, 4096), b]) {
      for (const transport of [none, a]) {
        expect(probe(driver, object, transport)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
        const counts = [{ value: 0 }, { value: 0 }] as const;
        const data = new Uint8Array(8).fill(0xee);
        const result = driver.Serialize(object, transport, 0, null, data, counts[0], [], counts[1]);
        expect(result).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
        expect(counts).toEqual([{ value: 8 }, { value: 1 }]);
        expect(data.every((byte) => byte === 0xee)).toBe(true);
      }
    }
    expect(driver.liveObjects()).toMatchObject({ transports: 2, memories: 1, descriptors: 0 });
  });

  test.each([
    ["bytes", 7, 1],
    ["handles", 8, 0],
  ])("writes nothing when only the %s do not fit", (_name, bytes, handles) => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    const counts = [{ value: bytes }, { value: handles }] as const;
    const data = new Uint8Array(8).fill(0xee);
    const given: IpczDriverHandle[] = [none];
    const result = driver.Serialize(memory, none, 0, null, data, counts[0], given, counts[1]);
    expect(result).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect(counts).toEqual([{ value: 8 }, { value: 1 }]);
    expect(given).toEqual([none]);
    expect(data.every((byte) => byte === 0xee)).toBe(true);
  });

  test("consumes the object, and makes the bytes of the C library's driver", () => {
    const driver = createDriver();
    const [, b] = createPair(driver);
    const memory = allocate(driver, 0x20000);
    expect([...serialize(driver, memory).bytes]).toEqual([1, 0, 0, 0, 0, 0, 2, 0]);
    expect([...serialize(driver, b).bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(driver.Close(memory, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.liveObjects()).toMatchObject({ transports: 1, memories: 0, descriptors: 2 });
  });

  test("refuses what can never travel, and what is no handle", () => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    const { mapping } = mapMemory(driver, memory);
    const [carried = none] = serialize(driver, memory).handles;
    const strangers = [none, mapping, carried, memory, (memory + 1) as IpczDriverHandle];
    for (const object of strangers) {
      expect(probe(driver, object)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    }
  });

  test("refuses a transport once it is activated or deactivated, and over itself", () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    expect(probe(driver, a, a)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    listen(driver, a);
    driver.DeactivateTransport(b, 0, null);
    for (const object of [a, b]) expect(probe(driver, object)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });

  test("refuses a transport that still has something to send, and takes it when that has gone", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    transmit(driver, a, Buffer.alloc(1 << 20));
    expect(probe(driver, a)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    const atB = listen(driver, b);
    await atB.total(1);
    await immediate();
    expect(probe(driver, a)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  });

  test("refuses a target that is no transport", () => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    const target = allocate(driver, 4096);
    expect(probe(driver, memory, target)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(probe(driver, memory, 5 as IpczDriverHandle)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });

  test("over a deactivated transport is harmless", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    listen(driver, a);
    driver.DeactivateTransport(a, 0, null);
    expect(serialize(driver, allocate(driver, 4096), a).handles.length).toBe(1);
  });
});

describe("objects that travel", () => {
  test("memory is the same bytes at the other end", async () => {
    const [here, there] = [createDriver(), createDriver()];
    const memory = allocate(here, 100_000);
    const local = mapMemory(here, memory);
    local.bytes[99_999] = 5;
    const { result, object } = await send(here, memory, there);
    expect(result).toBe(IPCZ_RESULT_OK);
    const remote = mapMemory(there, object);
    expect(remote.bytes.length).toBe(100_000);
    expect(remote.bytes[99_999]).toBe(5);
    remote.bytes[0] = 6;
    expect(local.bytes[0]).toBe(6);
  });

  test("a transport goes on where it was, with what was sent over it before", async () => {
    const [here, there] = [createDriver(), createDriver()];
    const [kept, sent] = createPair(here);
    transmit(here, kept, "sent before the transfer");
    transmit(here, sent, "from before");
    const { result, object } = await send(here, sent, there);
    expect(result).toBe(IPCZ_RESULT_OK);
    const atOther = listen(there, object);
    const atKept = listen(here, kept);
    transmit(here, kept, "sent after");
    transmit(there, object, "from after");
    await Promise.all([atOther.total(2), atKept.total(2)]);
    expect(atOther.story).toEqual(["sent before the transfer", "sent after"]);
    expect(atKept.story).toEqual(["from before", "from after"]);
  });

  test("messages gathered in this turn leave before the transport does", async () => {
    const driver = createDriver();
    const [kept, sent] = createPair(driver);
    for (const word of ["one", "two", "three"]) transmit(driver, sent, word);
    const { object } = deserialize(driver, serialize(driver, sent));
    transmit(driver, object, "four");
    const atKept = listen(driver, kept);
    await atKept.total(4);
    expect(atKept.story).toEqual(["one", "two", "three", "four"]);
  });
});

describeOnLinux("Deserialize", () => {
  test("refuses bytes that describe nothing, and closes the handles", () => {
    const driver = createDriver();
    const bad = [bytesOf(2, 4096), bytesOf(3, 0), bytesOf(1, 4097)];
    bad.push(new Uint8Array(7), new Uint8Array(0), bytesOf(0xffff_ffff, 1));
    for (const bytes of bad) {
      const { handles } = serialize(driver, allocate(driver, 4096));
      const { result, object } = deserialize(driver, { bytes, handles });
      expect([result, object]).toEqual([IPCZ_RESULT_INVALID_ARGUMENT, none]);
      expect(driver.liveObjects()).toMatchObject({ memories: 0, descriptors: 0, transports: 0 });
    }
  });

  test("takes memory of no bytes, which then cannot be mapped", () => {
    const driver = createDriver();
    const { handles } = serialize(driver, allocate(driver, 4096));
    const { result, object } = deserialize(driver, { bytes: bytesOf(1, 0), handles });
    expect(result).toBe(IPCZ_RESULT_OK);
    const address = { value: new Uint8Array(0) };
    const mapping = { value: none };
    expect(driver.MapSharedMemory(object, 0, null, address, mapping)).not.toBe(IPCZ_RESULT_OK);
    expect(driver.Close(object, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  test("ignores bytes behind the object's", () => {
    const driver = createDriver();
    const { bytes, handles } = serialize(driver, allocate(driver, 4096));
    const longer = Buffer.concat([bytes, Buffer.from("more")]);
    expect(deserialize(driver, { bytes: longer, handles }).result).toBe(IPCZ_RESULT_OK);
  });

  test("refuses any number of descriptors but one", () => {
    const driver = createDriver();
    const { bytes } = serialize(driver, allocate(driver, 4096));
    const two = [0, 1].map(() => serialize(driver, allocate(driver, 4096)).handles[0] ?? none);
    const result = deserialize(driver, { bytes, handles: two }).result;
    expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(deserialize(driver, { bytes, handles: [] }).result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.liveObjects().descriptors).toBe(1);
  });

  test("refuses null bytes and counts beyond the buffer, and a transport that is none", () => {
    const driver = createDriver();
    const carried = (): IpczDriverHandle[] => serialize(driver, allocate(driver, 4096)).handles;
    const bytes = bytesOf(1, 4096);
    const out = cell();
    const results = [
      driver.Deserialize(null, 8, carried(), 1, none, 0, null, out),
      driver.Deserialize(bytes, 9, carried(), 1, none, 0, null, out),
      driver.Deserialize(bytes, 8, carried(), 2, none, 0, null, out),
      driver.Deserialize(bytes, 8, null, 1, none, 0, null, out),
      driver.Deserialize(bytes, 8, carried(), 1, 77 as IpczDriverHandle, 0, null, out),
    ];
    expect(results).toEqual(results.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    expect(out.value).toBe(none);
    expect(driver.liveObjects()).toMatchObject({ memories: 0, descriptors: 0 });
  });

  test("refuses memory said to be a transport, and a transport said to be memory", () => {
    const driver = createDriver();
    const before = openDescriptors().length;
    const memory = serialize(driver, allocate(driver, 4096)).handles;
    const [a, b] = createPair(driver);
    const transport = serialize(driver, b).handles;
    const results = [
      deserialize(driver, { bytes: bytesOf(0, 0), handles: memory }).result,
      deserialize(driver, { bytes: bytesOf(1, 4096), handles: transport }).result,
    ];
    expect(results).toEqual([IPCZ_RESULT_INVALID_ARGUMENT, IPCZ_RESULT_INVALID_ARGUMENT]);
    driver.Close(a, 0, null);
    expect(openDescriptors().length).toBe(before);
  });

  test("takes the size a peer states when the memory has it, not more", () => {
    const driver = createDriver();
    const { handles } = serialize(driver, allocate(driver, 8192));
    const { object } = deserialize(driver, { bytes: bytesOf(1, 4096), handles });
    const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: 0 };
    driver.GetSharedMemoryInfo(object, 0, null, info);
    expect(info.regionNumBytes).toBe(4096);
  });

  test.each([
    ["a file", () => openSync("/etc/hostname", "r")],
    ["a device", () => openSync("/dev/null", "r")],
    ["a socket pair of datagrams", () => socketOf(2)],
    ["a socket pair of packets", () => socketOf(5)],
    ["a socket without a peer", () => unconnected(1)],
    ["a socket of the internet", () => unconnected(2)],
  ])("refuses %s as a transport", (_name, make) => {
    const objects: CarriedDescriptor[] = [];
    const driver = createDriver();
    const carried = new CarriedDescriptor(new Descriptor(system.libc, make()));
    objects.push(carried);
    expect(() => driver.transportFromDescriptor(carried.descriptor)).toThrow(/socket|getpeername/);
    carried.close();
  });
});

describe("descriptors for other uses", () => {
  test("can be looked at, released, and made a transport again", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const number = driver.descriptorOf(b);
    expect(driver.releaseDescriptor(b)).toBe(number);
    expect(driver.Close(b, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    const again = driver.transportFromDescriptor(number);
    const listener = listen(driver, again);
    transmit(driver, a, "hello");
    await listener.total(1);
    expect(listener.story).toEqual(["hello"]);
  });

  test("of an active transport or a mapping are not given away", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    listen(driver, a);
    const { mapping } = mapMemory(driver, allocate(driver, 8));
    expect(() => driver.releaseDescriptor(a)).toThrow(/in use/);
    expect(() => driver.releaseDescriptor(mapping)).toThrow(/no descriptor/);
    expect(() => driver.descriptorOf(none)).toThrow(/no descriptor/);
    expect(driver.liveObjects()).toMatchObject({ transports: 2, mappings: 1 });
  });

  test("are refused as a transport with a clear reason", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    const memory = allocate(driver, 8);
    expect(() => driver.transportFromDescriptor(-1)).toThrow("-1 is not a descriptor");
    expect(() => driver.transportFromDescriptor(driver.descriptorOf(a))).toThrow(/belongs to/);
    expect(() => driver.transportFromDescriptor(driver.descriptorOf(memory))).toThrow(/belongs to/);
    const other = createDriver();
    const number = driver.descriptorOf(memory);
    expect(() => other.transportFromDescriptor(number)).toThrow(
      `descriptor ${number} is not a socket`,
    );
  });
});
