import { foreign } from "@ipcz/abi/ffi";
import { IPCZ_RESULT_OK, IPCZ_RESULT_RESOURCE_EXHAUSTED } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { Mapper } from "../src/mapping.ts";
import type { SharedMemory } from "../src/memory.ts";
import { errnos, resultOf } from "../src/os-error.ts";
import { openSystem, type System } from "../src/system.ts";
import { posixDriver } from "../src/index.ts";
import { allocate, mapMemory, mappedMemories } from "./support/driver.ts";
import { describeOnLinux } from "./support/platform.ts";
import { driverPrelude, runScript } from "./support/run-script.ts";

describeOnLinux("a mapping", () => {
  test("outlives its memory handle", () => {
    const driver = posixDriver();
    const memory = allocate(driver, 4096);
    const { bytes, mapping } = mapMemory(driver, memory);
    driver.Close(memory, 0, null);
    bytes[0] = 9;
    expect(bytes[0]).toBe(9);
    expect(driver.Close(mapping, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  test("lets go of the shared memory at once when closed, whoever still has a view", () => {
    const driver = posixDriver();
    const before = mappedMemories();
    const memory = allocate(driver, 65_536);
    const [one, two] = [mapMemory(driver, memory), mapMemory(driver, memory)];
    expect(mappedMemories()).toBe(before + 2);
    one.bytes.fill(7);
    driver.Close(one.mapping, 0, null);
    expect(mappedMemories()).toBe(before + 1);
    expect(driver.liveObjects()).toMatchObject({ mappings: 1, retired: 1 });
    // The stale view reads zeros and writes to nobody.
    expect(one.bytes.every((byte) => byte === 0)).toBe(true);
    one.bytes.fill(1);
    expect(two.bytes.every((byte) => byte === 7)).toBe(true);
    driver.dispose();
    expect(mappedMemories()).toBe(before);
  });

  test("gives its addresses back once the last view is collected (process)", async () => {
    const end = await runScript(
      `${driverPrelude}
      const memory = cell();
      driver.AllocateSharedMemory(1 << 20, 0, null, memory);
      function mapAndClose() {
        const [address, mapping] = [{ value: null }, cell()];
        driver.MapSharedMemory(memory.value, 0, null, address, mapping);
        driver.Close(mapping.value, 0, null);
        return address.value;
      }
      // What the last round leaves in a register counts as a view: the clean-up runs on other stacks.
      function mapMany() {
        const kept = [];
        for (let round = 0; round < 50; round++) {
          const view = mapAndClose();
          if (round % 5 === 0) kept.push(new DataView(view.buffer, 4096));
        }
        return kept;
      }
      const stale = mapMany();
      while (driver.liveObjects().retired > 10) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      stale.forEach((view) => { view.setInt32(0, 5); if (view.getInt32(0) !== 5) throw new Error("lost"); });
      console.log("views left", driver.liveObjects().retired);
      stale.length = 0;
      while (driver.liveObjects().retired > 0) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      console.log("all given back");
    `,
      ["--expose-gc"],
    );
    expect(end).toEqual({
      code: 0,
      signal: null,
      output: "views left 10\nall given back\n",
      errors: "",
    });
  });

  test("cannot be moved out from under us (runtimes that can transfer)", () => {
    const driver = posixDriver();
    const { bytes } = mapMemory(driver, allocate(driver, 4096));
    const buffer = bytes.buffer as ArrayBuffer & { transfer(): ArrayBuffer };
    expect(() => buffer.transfer()).toThrow(/cannot be transferred/);
    bytes[5] = 1;
    expect(bytes[5]).toBe(1);
    driver.dispose();
  });

  test("of 10 000, one after the other, does not pile up", () => {
    const driver = posixDriver();
    const before = mappedMemories();
    const memory = allocate(driver, 4096);
    for (let round = 0; round < 10_000; round++) {
      const { bytes, mapping } = mapMemory(driver, memory);
      bytes[0] = round;
      driver.Close(mapping, 0, null);
    }
    expect(mappedMemories()).toBe(before);
    driver.dispose();
  });
});

describe("when the system refuses", () => {
  const system = openSystem(foreign);
  const memory = { numBytes: 4096, descriptor: 0 } as unknown as SharedMemory;

  test("to map, the answer is its reason", () => {
    const libc = { ...system.libc, mmap: () => BigInt(-errnos.ENOMEM) };
    const mapper = new Mapper({ ...system, libc });
    expect(resultOf(mapper.map(memory) as number)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  });

  test("to show the bytes, they are unmapped", () => {
    const unmapped: unknown[] = [];
    const refusing: System = {
      ...system,
      libc: {
        ...system.libc,
        mmap: () => 4096n,
        munmap: (address, numBytes) => unmapped.push(address, numBytes),
      },
      foreign: {
        ...foreign,
        view: () => {
          throw new RangeError("too large");
        },
      },
    };
    const answer = new Mapper(refusing).map(memory);
    expect(resultOf(answer as number)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect(unmapped).toEqual([4096n, 4096]);
  });
});
