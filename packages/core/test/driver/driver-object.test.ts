import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { closeHandles, DriverObject } from "../../src/driver/driver-object.ts";
import { MockDriver } from "./mock-driver.ts";

const transportOf = (driver: MockDriver) => driver.make({ kind: "transport" });

describe("driver object", () => {
  it("without a handle is invalid, not serializable, and makes no driver calls (DOB-01)", () => {
    const driver = new MockDriver();
    const object = new DriverObject(driver, IPCZ_INVALID_DRIVER_HANDLE);
    expect(object.isValid).toBe(false);
    expect(object.isSerializable()).toBe(false);
    expect(object.canTravelOn(transportOf(driver))).toBe(false);
    object.close();
    expect(driver.calls).toEqual([]);
  });

  it("is not closed by an owner that released it (DOB-02)", () => {
    const driver = new MockDriver();
    const handle = driver.blob([1]);
    const first = new DriverObject(driver, handle);
    const second = new DriverObject(driver, first.release());
    first.close();
    expect(first.isValid).toBe(false);
    expect(first.handle).toBe(IPCZ_INVALID_DRIVER_HANDLE);
    expect(second.handle).toBe(handle);
    expect(driver.calls).toEqual([]);
    second.close();
    expect(driver.liveCount).toBe(0);
  });

  it("closes its handle exactly once (DOB-03)", () => {
    const driver = new MockDriver();
    const object = new DriverObject(driver, driver.blob([1]));
    object.close();
    object.close();
    expect(driver.calls).toEqual(["Close blob"]);
  });

  it.each([
    [IPCZ_RESULT_ABORTED, true],
    [IPCZ_RESULT_RESOURCE_EXHAUSTED, true],
    [IPCZ_RESULT_INVALID_ARGUMENT, false],
    [IPCZ_RESULT_PERMISSION_DENIED, false],
    [IPCZ_RESULT_OK, false],
  ])("with probe result %i is serializable: %s (DOB-04, DOB-05)", (probeResult, expected) => {
    const driver = new MockDriver();
    const object = new DriverObject(driver, driver.make({ kind: "odd", probeResult }));
    expect(object.isSerializable()).toBe(expected);
  });

  it.each([
    [IPCZ_RESULT_RESOURCE_EXHAUSTED, true],
    [IPCZ_RESULT_PERMISSION_DENIED, false],
    [IPCZ_RESULT_ABORTED, false],
    [IPCZ_RESULT_INVALID_ARGUMENT, false],
  ])(
    "with probe result %i travels on a transport: %s (DOB-06, DOB-07)",
    (probeResult, expected) => {
      const driver = new MockDriver();
      const object = new DriverObject(driver, driver.make({ kind: "odd", probeResult }));
      expect(object.canTravelOn(transportOf(driver))).toBe(expected);
    },
  );

  it("is gone when a driver consumed it during a probe", () => {
    const driver = new MockDriver();
    const object = new DriverObject(driver, driver.make({ kind: "empty" }));
    expect(object.isSerializable()).toBe(false);
    expect(object.isValid).toBe(false);
    object.close();
    expect(driver.liveCount).toBe(0);
  });

  it("leaves the invalid handle out when it closes a list", () => {
    const driver = new MockDriver();
    closeHandles(driver, [driver.blob([1]), IPCZ_INVALID_DRIVER_HANDLE, driver.blob([2])]);
    expect(driver.liveCount).toBe(0);
  });
});
