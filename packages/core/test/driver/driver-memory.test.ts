import { IPCZ_INVALID_DRIVER_HANDLE } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { MockDriver } from "./mock-driver.ts";

function allocated(driver: MockDriver, numBytes = 64): DriverMemory {
  const memory = DriverMemory.allocate(driver, numBytes);
  if (!memory) throw new Error("no memory");
  return memory;
}

describe("driver memory", () => {
  it("cannot be made of an invalid object (DME-01)", () => {
    const driver = new MockDriver();
    const nothing = new DriverObject(driver, IPCZ_INVALID_DRIVER_HANDLE);
    expect(DriverMemory.adopt(nothing)).toBeNull();
    expect(driver.calls).toEqual([]);
  });

  it("asks for the size of an adopted handle (DME-02)", () => {
    const driver = new MockDriver();
    const memory = DriverMemory.adopt(new DriverObject(driver, driver.makeMemory(96)));
    expect(memory?.size).toBe(96);
    expect(driver.calls).toEqual(["GetSharedMemoryInfo memory"]);
    memory?.close();
    expect(driver.liveCount).toBe(0);
  });

  it("closes an adopted handle that is no memory", () => {
    const driver = new MockDriver();
    expect(DriverMemory.adopt(new DriverObject(driver, driver.blob([1])))).toBeNull();
    expect(driver.liveCount).toBe(0);
  });

  it("knows the size it asked for without a query (DME-03)", () => {
    const driver = new MockDriver();
    const memory = allocated(driver, 128);
    expect(memory.size).toBe(128);
    expect(driver.calls).toEqual(["AllocateSharedMemory"]);
    memory.close();
    memory.close();
    expect(driver.liveCount).toBe(0);
  });

  it("is null when the driver has none", () => {
    const driver = new MockDriver();
    driver.failing.add("AllocateSharedMemory");
    expect(DriverMemory.allocate(driver, 64)).toBeNull();
  });

  it("duplicates into a handle of its own and asks for its size (DME-04)", () => {
    const driver = new MockDriver();
    const memory = allocated(driver);
    const second = memory.duplicate();
    expect(driver.calls.slice(1)).toEqual([
      "DuplicateSharedMemory memory",
      "GetSharedMemoryInfo memory",
    ]);
    expect(second?.size).toBe(64);
    memory.close();
    expect(driver.liveCount).toBe(1);
    second?.close();
    expect(driver.liveCount).toBe(0);
  });

  it("has no duplicate when the driver refuses, or refuses its size", () => {
    const driver = new MockDriver();
    const memory = allocated(driver);
    driver.failing.add("GetSharedMemoryInfo");
    expect(memory.duplicate()).toBeNull();
    driver.failing.add("DuplicateSharedMemory");
    expect(memory.duplicate()).toBeNull();
    expect(driver.liveCount).toBe(1);
  });

  it("maps independently of the handle it came from (DME-05)", () => {
    const driver = new MockDriver();
    const memory = allocated(driver);
    const mapping = memory.map();
    memory.close();
    expect(mapping?.bytes.length).toBe(64);
    expect(driver.liveCount).toBe(1);
    mapping?.close();
    mapping?.close();
    expect(mapping?.bytes.length).toBe(0);
    expect(driver.liveCount).toBe(0);
  });

  it("shows exactly the bytes of the memory when the driver maps more", () => {
    const driver = new MockDriver();
    const memory = allocated(driver, 4096);
    driver.mappingShift = 8;
    expect(memory.map()).toBeNull();
    driver.mappingShift = 0;
    expect(memory.map()?.bytes.length).toBe(4096);
  });

  it.each([
    ["is shorter than the memory", 8, 0],
    ["is not 8-aligned", 0, 4],
  ])("unmaps a view that %s", (_name, short, shift) => {
    const driver = new MockDriver();
    const memory = allocated(driver);
    driver.mappingShort = short;
    driver.mappingShift = shift;
    expect(memory.map()).toBeNull();
    expect(driver.liveCount).toBe(1);
  });

  it("gives up its handle to be sent", () => {
    const driver = new MockDriver();
    const memory = allocated(driver);
    const object = memory.release();
    memory.close();
    expect(memory.map()).toBeNull();
    expect(memory.duplicate()).toBeNull();
    expect(driver.liveCount).toBe(1);
    object.close();
    expect(driver.liveCount).toBe(0);
  });
});
