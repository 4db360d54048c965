import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { foreign } from "@ipcz/abi/ffi";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriverHandle,
} from "@ipcz/api";
import { expect, test } from "vitest";
import { Descriptor } from "../src/fd.ts";
import type { PosixDriver } from "../src/index.ts";
import { acceptPlainMemory } from "../src/memory.ts";
import { openSystem } from "../src/system.ts";
import { allocate, cell, mapMemory, none } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { describeOnLinux } from "./support/platform.ts";

const system = openSystem(foreign);
const library = foreign.load(null);

const createDriver = driverMaker();

function sizeOf(driver: PosixDriver, memory: IpczDriverHandle): number {
  const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: 0 };
  expect(driver.GetSharedMemoryInfo(memory, 0, null, info)).toBe(IPCZ_RESULT_OK);
  return info.regionNumBytes;
}

describeOnLinux("shared memory", () => {
  test.each([1, 8, 4095, 4096, 131_072, 1 << 24])(
    "of %i bytes is zero and has that size",
    (size) => {
      const driver = createDriver();
      const memory = allocate(driver, size);
      expect(sizeOf(driver, memory)).toBe(size);
      const { bytes } = mapMemory(driver, memory);
      expect(bytes.length).toBe(size);
      expect(bytes.byteOffset % 8).toBe(0);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    },
  );

  test("counts as mapped, and its descriptor as open, as long as it is", () => {
    const driver = createDriver();
    expect(driver.liveObjects()).toMatchObject({ openDescriptors: 0, mappedBytes: 0 });
    const memory = allocate(driver, 8192);
    expect(driver.liveObjects()).toMatchObject({ openDescriptors: 1, mappedBytes: 0 });
    const { mapping } = mapMemory(driver, memory);
    expect(driver.liveObjects()).toMatchObject({ openDescriptors: 1, mappedBytes: 8192 });
    driver.Close(mapping, 0, null);
    closeSync(driver.releaseDescriptor(memory));
    expect(driver.liveObjects()).toMatchObject({ openDescriptors: 0, mappedBytes: 0 });
  });

  test("of no bytes, or of no number of bytes, is refused", () => {
    const driver = createDriver();
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(driver.AllocateSharedMemory(size, 0, null, cell())).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    }
    for (const size of [2 ** 32, 2 ** 53]) {
      const result = driver.AllocateSharedMemory(size, 0, null, cell());
      expect(result).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    }
    expect(driver.liveObjects().memories).toBe(0);
  });

  test("can be as large as its size can say, and costs nothing until it is used", () => {
    const driver = createDriver();
    expect(sizeOf(driver, allocate(driver, 2 ** 32 - 1))).toBe(2 ** 32 - 1);
  });

  test("and its duplicate are the same bytes, and each is closed by itself", () => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    const copy = cell();
    expect(driver.DuplicateSharedMemory(memory, 0, null, copy)).toBe(IPCZ_RESULT_OK);
    const first = mapMemory(driver, memory);
    driver.Close(memory, 0, null);
    expect(sizeOf(driver, copy.value)).toBe(4096);
    const second = mapMemory(driver, copy.value);
    first.bytes[17] = 5;
    expect(second.bytes[17]).toBe(5);
    driver.Close(copy.value, 0, null);
    second.bytes[18] = 6;
    expect(first.bytes[18]).toBe(6);
  });

  test("mapped twice is coherent under Atomics, 32 and 64 bits", () => {
    const driver = createDriver();
    const memory = allocate(driver, 4096);
    const [one, two] = [mapMemory(driver, memory).bytes, mapMemory(driver, memory).bytes];
    const words = new Int32Array(one.buffer, one.byteOffset, 16);
    const same = new Int32Array(two.buffer, two.byteOffset, 16);
    expect(Atomics.add(words, 3, 40)).toBe(0);
    expect(Atomics.add(same, 3, 2)).toBe(40);
    expect(Atomics.load(words, 3)).toBe(42);
    const long = new BigInt64Array(one.buffer, one.byteOffset, 8);
    const sameLong = new BigInt64Array(two.buffer, two.byteOffset, 8);
    expect(Atomics.compareExchange(long, 4, 0n, 1n << 40n)).toBe(0n);
    expect(Atomics.load(sameLong, 4)).toBe(1n << 40n);
  });

  test("is called as the C library calls it, closed on exec, and cannot shrink", () => {
    const driver = createDriver();
    const descriptor = driver.descriptorOf(allocate(driver, 8192));
    expect(system.libc.fcntl(descriptor, 1, 0)).toBe(1);
    expect(system.libc.fcntl(descriptor, 1034, 0)).toBe(2);
    expect(system.libc.ftruncate(descriptor, 4096)).toBeLessThan(0);
    expect(system.libc.ftruncate(descriptor, 16_384)).toBe(0);
  });

  test("information is refused into a struct too small, and left alone", () => {
    const driver = createDriver();
    const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE - 1, regionNumBytes: 77 };
    const result = driver.GetSharedMemoryInfo(allocate(driver, 8), 0, null, info);
    expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(info.regionNumBytes).toBe(77);
  });

  test("functions refuse handles of other kinds", () => {
    const driver = createDriver();
    const { mapping } = mapMemory(driver, allocate(driver, 8));
    const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: 0 };
    for (const handle of [none, mapping]) {
      const results = [
        driver.GetSharedMemoryInfo(handle, 0, null, info),
        driver.DuplicateSharedMemory(handle, 0, null, cell()),
        driver.MapSharedMemory(handle, 0, null, { value: new Uint8Array(0) }, cell()),
      ];
      expect(results).toEqual(results.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    }
  });
});

function fileDescriptor(mode: string): Descriptor {
  const path = fileURLToPath(new URL("../src/memory.ts", import.meta.url));
  return new Descriptor(system.libc, openSync(path, mode));
}

describeOnLinux("memory from a stranger", () => {
  const memfdCreate = library.bind<(name: string, flags: number) => number>(
    "int memfd_create(const char *name, unsigned int flags)",
  );
  const memfd = (size: number, flags = 1 | 2): Descriptor => {
    const descriptor = memfdCreate("stranger", flags);
    expect(descriptor).toBeGreaterThan(0);
    system.libc.ftruncate(descriptor, size);
    return new Descriptor(system.libc, descriptor);
  };

  test("is sealed by us when it is not yet", () => {
    const descriptor = memfd(4096);
    const memory = acceptPlainMemory(system, descriptor, 4096);
    expect(memory?.numBytes).toBe(4096);
    expect(system.libc.ftruncate(descriptor.number, 100)).toBeLessThan(0);
    memory?.close();
  });

  test("may be larger than stated: the stated size counts", () => {
    const memory = acceptPlainMemory(system, memfd(8192), 5000);
    expect(memory?.numBytes).toBe(5000);
    memory?.close();
  });

  test.each([
    ["smaller than stated", () => memfd(4095)],
    ["that lets nobody seal it", () => memfd(4096, 1)],
    ["that is an ordinary file", () => fileDescriptor("r+")],
    ["that is a device", () => new Descriptor(system.libc, openSync("/dev/zero", "r+"))],
    ["that can only be read", () => reopened("r")],
  ])("is refused, and closed, when %s", (_name, make) => {
    const descriptor = make();
    expect(acceptPlainMemory(system, descriptor, 4096)).toBeNull();
    expect(descriptor.open).toBe(false);
  });

  test("made of huge pages is refused (skipped where there are none)", ({ skip }) => {
    const descriptor = memfdCreate("huge", 1 | 2 | 4);
    if (descriptor < 0) skip("this system has no huge pages");
    system.libc.ftruncate(descriptor, 1 << 21);
    expect(acceptPlainMemory(system, new Descriptor(system.libc, descriptor), 4096)).toBeNull();
  });

  function reopened(mode: string): Descriptor {
    const original = memfd(4096);
    const copy = openSync(`/proc/self/fd/${original.number}`, mode);
    original.close();
    return new Descriptor(system.libc, copy);
  }
});
