import type { IpczDriverHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import type { ObjectBag } from "../../src/driver/object-bag.ts";
import { type ObjectRange, unpackObjects } from "../../src/driver/unpack-objects.ts";
import { MockDriver } from "./mock-driver.ts";

/** Unpacks from a message of bytes 0..7, with `handleCount` handles attached. */
function unpack(ranges: readonly ObjectRange[], handleCount: number, message = bytes(8)) {
  const driver = new MockDriver();
  const transport = driver.make({ kind: "transport" });
  const handles = Array.from({ length: handleCount }, () => driver.make({ kind: "part" }));
  const bag = unpackObjects({ message, ranges, handles, transport, driver });
  const deserialized = driver.calls.filter((call) => call === "Deserialize").length;
  return { driver, bag, deserialized };
}

function bytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => index);
}

const range = (
  dataOffset: number,
  dataLength: number,
  firstHandle: number,
  numHandles: number,
): ObjectRange => ({ dataOffset, dataLength, firstHandle, numHandles });

/** Only the transport is left when everything a message brought is closed. */
function expectNothingLeft(driver: MockDriver): void {
  expect([...driver.objects.values()].map(({ kind }) => kind)).toEqual(["transport"]);
}

function taken(driver: MockDriver, bag: ObjectBag | null, index: number) {
  const object = bag?.take(index);
  return driver.objects.get(object?.handle ?? (0 as IpczDriverHandle))?.data;
}

describe("unpack objects", () => {
  it("makes objects in order, each from its bytes and handles", () => {
    const { driver, bag } = unpack([range(2, 3, 0, 2), range(0, 0, 2, 1)], 3);
    expect(bag?.count).toBe(2);
    expect(taken(driver, bag, 0)).toEqual(Uint8Array.of(2, 3, 4));
    expect(taken(driver, bag, 1)).toEqual(new Uint8Array());
    expect([...driver.objects.values()].filter(({ kind }) => kind === "part")).toEqual([]);
  });

  it("has nothing to do for a message without objects", () => {
    const { driver, bag } = unpack([], 0);
    expect(bag?.count).toBe(0);
    expect(driver.calls).toEqual([]);
  });

  it("closes handles that no object names, and accepts the message", () => {
    const { driver, bag } = unpack([range(0, 1, 1, 1)], 3);
    expect(bag?.count).toBe(1);
    bag?.closeRest();
    expectNothingLeft(driver);
  });

  it.each<[string, ObjectRange]>([
    ["with a malformed byte array", { ...range(0, 1, 0, 1), valid: false }],
    ["with more handles than attached", range(0, 1, 0, 4)],
    ["with a handle range past the end", range(0, 1, 3, 1)],
    ["with an empty handle range past the end", range(0, 1, 4, 0)],
    ["with bytes past the end of the message", range(7, 2, 0, 1)],
    ["with bytes that begin past the end", range(9, 0, 0, 1)],
    ["that names a handle again", range(0, 1, 2, 1)],
  ])("makes the others, then closes all, for an object %s", (_name, bad) => {
    const { driver, bag, deserialized } = unpack([range(0, 1, 2, 1), bad, range(1, 1, 1, 1)], 3);
    expect(bag).toBeNull();
    expect(deserialized).toBe(2);
    expectNothingLeft(driver);
  });

  it("makes the others, then closes all, when the driver refuses one", () => {
    const message = Uint8Array.of(0xff, 1, 2);
    const { driver, bag, deserialized } = unpack(
      [range(0, 1, 0, 1), range(1, 2, 1, 1)],
      2,
      message,
    );
    expect(bag).toBeNull();
    expect(deserialized).toBe(2);
    expectNothingLeft(driver);
  });
});

function three() {
  return unpack([range(0, 1, 0, 0), range(1, 1, 0, 0), range(2, 1, 0, 0)], 0);
}

describe("object bag", () => {
  it("hands out each object once", () => {
    const { bag } = three();
    expect(bag?.take(1)?.isValid).toBe(true);
    expect(bag?.take(1)).toBeNull();
    expect(bag?.take(3)).toBeNull();
    expect(bag?.take(0xffffffff)).toBeNull();
    expect(bag?.countLeft).toBe(2);
  });

  it("hands out ranges whole or not at all", () => {
    const { bag } = three();
    bag?.take(2);
    expect(bag?.takeRange(1, 2)).toBeNull();
    expect(bag?.takeRange(0, 2)).toHaveLength(2);
    expect(bag?.takeRange(0, 1)).toBeNull();
  });

  it.each([
    [0, 4, false],
    [3, 1, false],
    [4, 0, false],
    [0xffffffff, 0xffffffff, false],
    [3, 0, true],
    [0, 0, true],
    [0, 3, true],
  ])("range first %i, count %i exists: %s", (first, count, exists) => {
    expect(three().bag?.takeRange(first, count) !== null).toBe(exists);
  });

  it("closes what nobody took", () => {
    const { driver, bag } = three();
    const kept = bag?.take(0);
    bag?.closeRest();
    bag?.closeRest();
    expect(driver.liveCount).toBe(2);
    kept?.close();
    expectNothingLeft(driver);
  });
});
