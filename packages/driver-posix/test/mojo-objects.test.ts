/**
 * Objects of the mojo format between two drivers, and from the bytes and descriptors of strangers.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { foreign } from "@ipcz/abi/ffi";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriverHandle,
} from "@ipcz/api";
import {
  objectBytes,
  readObject,
  writeObject,
  type MemoryAccess,
  type ObjectDescription,
} from "@ipcz/mojo-codec";
import { afterEach, describe, expect, test } from "vitest";
import type { PosixDriver } from "../src/index.ts";
import { openSystem } from "../src/system.ts";
import { allocate, cell, createPair, mapMemory, none, openDescriptors } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { describeOnLinux } from "./support/platform.ts";

const system = openSystem(foreign);
const createDriver = driverMaker({ codec: "mojo" });
const opened: number[] = [];

afterEach(() => {
  for (const descriptor of opened) closeSync(descriptor);
  opened.length = 0;
});

interface Packed {
  readonly bytes: Uint8Array;
  readonly handles: IpczDriverHandle[];
}

/** Asks what is needed, then serializes. */
function pack(driver: PosixDriver, object: IpczDriverHandle, transport = none): Packed {
  const counts = [{ value: 0 }, { value: 0 }] as const;
  const sized = driver.Serialize(object, transport, 0, null, null, counts[0], null, counts[1]);
  expect(sized).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  const bytes = new Uint8Array(counts[0].value);
  const handles = Array.from({ length: counts[1].value }, () => none);
  const result = driver.Serialize(object, transport, 0, null, bytes, counts[0], handles, counts[1]);
  expect(result).toBe(IPCZ_RESULT_OK);
  return { bytes, handles };
}

function unpack(
  driver: PosixDriver,
  { bytes, handles }: Packed,
  transport = none,
): IpczDriverHandle | null {
  const out = cell();
  const { length } = bytes;
  const count = handles.length;
  const result = driver.Deserialize(bytes, length, handles, count, transport, 0, null, out);
  if (result !== IPCZ_RESULT_OK) expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  return result === IPCZ_RESULT_OK ? out.value : null;
}

function described({ bytes }: Packed): ObjectDescription | undefined {
  return readObject(bytes, bytes.length, "beside")?.object;
}

/** A stranger's object: its bytes, and descriptors that become handles as if they had been received. */
function stranger(
  driver: PosixDriver,
  object: ObjectDescription,
  descriptors: readonly number[],
): Packed {
  const bytes = new Uint8Array(objectBytes(object, null));
  writeObject(bytes, object, null);
  const handles = descriptors.map((descriptor) => {
    const packed = pack(driver, driver.wrapDescriptor(descriptor));
    return packed.handles[0] ?? none;
  });
  return { bytes, handles };
}

const memfdCreate = foreign
  .load(null)
  .bind<(name: string, flags: number) => number>(
    "int memfd_create(const char *name, unsigned int flags)",
  );

/** A memory file of 4096 bytes that starts with a 7; as Chromium makes them, it can be sealed. */
function memfd(flags = 3): number {
  const descriptor = memfdCreate("a stranger's", flags);
  ftruncateSync(descriptor, 4096);
  writeSync(descriptor, Uint8Array.of(7));
  return descriptor;
}

function readOnly(descriptor: number): number {
  return openSync(`/proc/self/fd/${descriptor}`, constants.O_RDONLY);
}

function memoryOf(access: MemoryAccess, numBytes = 4096): ObjectDescription {
  return { kind: "memory", numBytes, access, guid: new Uint8Array(16).fill(5) };
}

describe("memory", () => {
  test("is writable for all, and keeps its name however often it is shared and sent", () => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    const copy = cell();
    driver.DuplicateSharedMemory(memory, 0, null, copy);
    const packed = pack(driver, memory);
    const first = described(packed);
    expect(first).toMatchObject({ kind: "memory", numBytes: 4096, access: "unsafe" });
    const received = unpack(driver, packed);
    expect(described(pack(driver, received ?? none))).toEqual(first);
    expect(described(pack(driver, copy.value))).toEqual(first);
    expect(described(pack(driver, allocate(driver, 4096)))).not.toEqual(first);
  });

  test("cannot be larger than the format can say", () => {
    const memory = cell();
    const driver = createDriver();
    expect(driver.AllocateSharedMemory(2 ** 31, 0, null, memory)).toBe(
      IPCZ_RESULT_RESOURCE_EXHAUSTED,
    );
  });
});

describeOnLinux("memory of strangers", () => {
  test("that may only be read is read; what is written to it stays here", () => {
    const driver = createDriver();
    const file = memfd();
    opened.push(file);
    const object = unpack(driver, stranger(driver, memoryOf("read-only"), [readOnly(file)]));
    const { bytes } = mapMemory(driver, object ?? none);
    expect(bytes[0]).toBe(7);
    writeSync(file, Uint8Array.of(8), 0, 1, 1);
    expect(bytes[1]).toBe(8);
    bytes[4000] = 9;
    const again = mapMemory(driver, object ?? none);
    expect(again.bytes[4000]).toBe(0);
    // Nobody can cut it any more: reading what is gone would end the process.
    expect(() => ftruncateSync(file, 100)).toThrow("EPERM");
    expect(described(pack(driver, object ?? none))).toEqual(memoryOf("read-only"));
  });

  test("that only its holder writes to comes with two descriptors, and goes on with them", () => {
    const driver = createDriver();
    const before = openDescriptors().length;
    const file = memfd();
    const reading = readOnly(file);
    const object = unpack(driver, stranger(driver, memoryOf("writable"), [file, reading]));
    const copy = cell();
    expect(driver.DuplicateSharedMemory(object ?? none, 0, null, copy)).toBe(IPCZ_RESULT_OK);
    mapMemory(driver, object ?? none).bytes[0] = 33;
    expect(() => driver.releaseDescriptor(object ?? none)).toThrow("two");
    const packed = pack(driver, object ?? none);
    expect(packed.handles).toHaveLength(2);
    expect(described(packed)).toEqual(memoryOf("writable"));
    const received = unpack(driver, packed);
    expect(mapMemory(driver, received ?? none).bytes[0]).toBe(33);
    driver.dispose();
    expect(openDescriptors().length).toBe(before);
  });

  test.each<[string, MemoryAccess, number, (file: number) => number[]]>([
    ["says unsafe and may only be read", "unsafe", 4096, (file) => [readOnly(file)]],
    ["says read-only and may be written", "read-only", 4096, (file) => [file]],
    ["is shorter than it says", "unsafe", 4097, (file) => [file]],
    ["is shorter than it says, to be read", "read-only", 4097, (file) => [readOnly(file)]],
    ["has one writer and one descriptor", "writable", 4096, (file) => [file]],
    ["has one writer and no reader", "writable", 4096, (file) => [file, memfd()]],
    ["has two descriptors and needs one", "unsafe", 4096, (file) => [file, readOnly(file)]],
    ["has no descriptor", "unsafe", 4096, () => []],
    ["is a file that can be cut", "unsafe", 4096, () => [memfd(1)]],
    ["is a file that can be cut, to be read", "read-only", 4096, () => [readOnly(memfd(1))]],
    ["is no memory", "read-only", 0x1000, () => [openSync("/dev/null", "r")]],
  ])("that %s is refused, and its descriptors are closed", (_name, access, numBytes, make) => {
    const driver = createDriver();
    const file = memfd();
    const used = new Set(openDescriptors());
    const packed = stranger(driver, memoryOf(access, numBytes), make(file));
    expect(unpack(driver, packed)).toBeNull();
    expect(driver.liveObjects()).toMatchObject({ memories: 0, descriptors: 0 });
    expect(openDescriptors().filter((each) => !used.has(each)).length).toBeLessThanOrEqual(1);
  });
});

describeOnLinux("descriptors of the application's", () => {
  test("travel wrapped, and come out as they went in", () => {
    const driver = createDriver();
    const file = memfd();
    const { ino } = fstatSync(file);
    const wrapped = driver.wrapDescriptor(file);
    expect(driver.liveObjects().platformHandles).toBe(1);
    const packed = pack(driver, wrapped);
    expect(packed.bytes).toEqual(
      new Uint8Array(Buffer.from("08000000040000000800000000000000", "hex")),
    );
    const received = unpack(driver, packed);
    const back = driver.releaseDescriptor(received ?? none);
    opened.push(back);
    expect(fstatSync(back).ino).toBe(ino);
  });

  test("are refused to be wrapped when there are none, and to travel where there are no such objects", () => {
    const driver = createDriver();
    expect(() => driver.wrapDescriptor(99_999)).toThrow("EBADF");
    const reference = createDriver({ codec: "reference" });
    const wrapped = reference.wrapDescriptor(memfd());
    const count = { value: 0 };
    const result = reference.Serialize(wrapped, none, 0, null, null, count, null, count);
    expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(reference.liveObjects().platformHandles).toBe(1);
  });
});

describe("data pipes", () => {
  const facts = { end: "consumer", elementBytes: 4, offset: 8, readableBytes: 12 } as const;

  test("travel with their memory, and can be opened again", () => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    mapMemory(driver, memory).bytes[8] = 99;
    const pipe = driver.makeDataPipe(facts, memory);
    expect(driver.liveObjects()).toMatchObject({ memories: 0, dataPipes: 1 });
    const packed = pack(driver, pipe);
    expect(described(packed)).toMatchObject({ kind: "data-pipe", ...facts });
    const received = unpack(driver, packed);
    const { memory: ring, ...told } = driver.openDataPipe(received ?? none);
    expect(told).toEqual(facts);
    expect(mapMemory(driver, ring).bytes[8]).toBe(99);
  });

  test("are made of memory alone, and only they can be opened", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    expect(() => driver.makeDataPipe(facts, a)).toThrow("memory");
    expect(() => driver.openDataPipe(a)).toThrow("no data pipe");
    expect(() => driver.descriptorOf(driver.makeDataPipe(facts, allocate(driver, 64)))).toThrow(
      "no descriptor",
    );
  });
});

describe("transports", () => {
  test("tell what is known of the node at the other end", () => {
    const driver = createDriver();
    const started = {
      destination: "non-broker",
      isPeerTrusted: false,
      isTrustedByPeer: true,
    } as const;
    const starting = {
      destination: "broker",
      isPeerTrusted: true,
      isTrustedByPeer: false,
    } as const;
    const child = adopt(driver, started);
    const parent = adopt(driver, starting);
    const first = cell();
    const second = cell();
    driver.CreateTransports(child, parent, 0, null, first, second);
    // What goes to the child leads to a broker that we trust, and is trusted as we are.
    expect(described(pack(driver, first.value))).toMatchObject({
      destination: "broker",
      isPeerTrusted: true,
      isTrustedByPeer: true,
    });
    expect(described(pack(driver, second.value))).toMatchObject({
      destination: "non-broker",
      isPeerTrusted: false,
      isTrustedByPeer: false,
    });
  });

  test("are believed to lead to a trusted node only when a broker or somebody trusted says so", () => {
    const driver = createDriver();
    const unknown = {
      destination: "non-broker",
      isPeerTrusted: false,
      isTrustedByPeer: false,
    } as const;
    const claim = (): Packed => pack(driver, adopt(driver, { ...unknown, isPeerTrusted: true }));
    expect(unpack(driver, claim())).toBeNull();
    expect(unpack(driver, claim(), adopt(driver, unknown))).toBeNull();
    expect(
      unpack(driver, claim(), adopt(driver, { ...unknown, destination: "broker" })),
    ).not.toBeNull();
    expect(
      unpack(driver, claim(), adopt(driver, { ...unknown, isPeerTrusted: true })),
    ).not.toBeNull();
    expect(driver.liveObjects().descriptors).toBe(0);
  });

  function adopt(
    driver: PosixDriver,
    peer: Parameters<PosixDriver["transportFromDescriptor"]>[1],
  ): IpczDriverHandle {
    const pair = new Int32Array(2);
    expect(system.platform.createSocketPair(pair)).toBe(0);
    opened.push(pair[1] ?? -1);
    return driver.transportFromDescriptor(pair[0] ?? -1, peer);
  }
});
