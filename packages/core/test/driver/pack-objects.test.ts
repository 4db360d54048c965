import {
  type IpczDriverHandle,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { canAllTravel, packObjects } from "../../src/driver/pack-objects.ts";
import { MockDriver } from "./mock-driver.ts";

function setup() {
  const driver = new MockDriver();
  const transport = driver.make({ kind: "transport" });
  const own = (handle: IpczDriverHandle) => new DriverObject(driver, handle);
  return { driver, transport, own };
}

describe("pack objects", () => {
  it("gives bytes per object, and all handles in order", () => {
    const { driver, transport, own } = setup();
    const objects = [own(driver.blob([1, 2], 2)), own(driver.blob([], 1)), own(driver.blob([3]))];
    const parts = [...driver.objects].filter(([, { kind }]) => kind === "part").map(([h]) => h);
    const packed = packObjects(objects, transport);
    expect(packed).toEqual({
      objects: [
        { data: Uint8Array.of(1, 2), numHandles: 2 },
        { data: null, numHandles: 1 },
        { data: Uint8Array.of(3), numHandles: 0 },
      ],
      handles: parts,
    });
    expect(objects.map(({ isValid }) => isValid)).toEqual([false, false, false]);
    expect(driver.calls.filter((call) => call.startsWith("Close"))).toEqual([]);
  });

  it("sizes an object with null buffers before it is serialized (DOB-08)", () => {
    const { driver, transport, own } = setup();
    expect(packObjects([own(driver.blob([1], 1))], transport)?.objects).toEqual([
      { data: Uint8Array.of(1), numHandles: 1 },
    ]);
    expect(driver.calls).toEqual(["Serialize blob", "Serialize blob"]);
  });

  it("closes an object that can be sized but not serialized, once (DTR-04)", () => {
    const { driver, transport, own } = setup();
    const packResult = IPCZ_RESULT_INVALID_ARGUMENT;
    const handle = driver.make({ kind: "stubborn", data: Uint8Array.of(1), packResult });
    expect(packObjects([own(handle)], transport)).toBeNull();
    expect(driver.calls.filter((call) => call === "Close stubborn")).toHaveLength(1);
    expect(driver.liveCount).toBe(1);
  });

  it.each([
    ["refused by the transport", { kind: "odd", probeResult: IPCZ_RESULT_PERMISSION_DENIED }],
    ["that takes neither bytes nor handles", { kind: "odd" }],
    ["that says it needs nothing", { kind: "odd", probeResult: IPCZ_RESULT_RESOURCE_EXHAUSTED }],
    ["that fails late", { kind: "odd", data: Uint8Array.of(1), packResult: 3 }],
  ])("closes everything when the second of three is one %s", (_name, odd) => {
    const { driver, transport, own } = setup();
    const objects = [own(driver.blob([1], 2)), own(driver.make(odd)), own(driver.blob([2], 0))];
    expect(packObjects(objects, transport)).toBeNull();
    expect([...driver.objects.values()].map(({ kind }) => kind)).toEqual(["transport"]);
  });

  it("tells whether all can travel, and leaves them alone", () => {
    const { driver, transport, own } = setup();
    const good = own(driver.blob([1]));
    const bad = own(driver.make({ kind: "odd", probeResult: IPCZ_RESULT_PERMISSION_DENIED }));
    expect(canAllTravel([], transport)).toBe(true);
    expect(canAllTravel([good, good], transport)).toBe(true);
    expect(canAllTravel([good, bad], transport)).toBe(false);
    expect(good.isValid && bad.isValid).toBe(true);
  });
});
