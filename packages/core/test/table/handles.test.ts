import type { IpczHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { HANDLE_SLOTS_MAX, Handles } from "../../src/table/handles.ts";

class Thing {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const as = (value: unknown): IpczHandle => value as IpczHandle;

describe("handles", () => {
  it("find what they were given for", () => {
    const handles = new Handles<Thing>(0.5);
    const things = ["a", "b", "c"].map((name) => new Thing(name));
    const given = things.map((thing) => handles.add(thing));
    expect(given.map((handle) => handles.get(handle))).toEqual(things);
    expect(new Set(given).size).toBe(3);
    expect(handles.count).toBe(3);
  });

  it("find nothing once they are ended, though their slot is used again", () => {
    const handles = new Handles<Thing>(0.5);
    const stale: IpczHandle[] = [];
    for (let round = 0; round < 100; round++) {
      const handle = handles.add(new Thing("one"));
      expect(stale).not.toContain(handle);
      handles.remove(handle);
      handles.remove(handle);
      stale.push(handle);
    }
    const last = handles.add(new Thing("last"));
    expect(stale.map((handle) => handles.get(handle))).toEqual(stale.map(() => null));
    for (const handle of stale) handles.remove(handle);
    expect([handles.get(last)?.name, handles.count]).toEqual(["last", 1]);
  });

  it("find nothing before they are given, though an empty slot will give them next", () => {
    const handles = new Handles<Thing>(0.5);
    const ended = handles.add(new Thing("ended"));
    handles.remove(ended);
    const next = as(ended + HANDLE_SLOTS_MAX);
    expect(handles.get(next)).toBeNull();
    handles.remove(next);
    expect(handles.add(new Thing("next"))).toBe(next);
    expect([handles.get(next)?.name, handles.count]).toEqual(["next", 1]);
  });

  it("are listed with what they name", () => {
    const handles = new Handles<Thing>(0.5);
    const [first, ended, last] = ["a", "b", "c"].map((name) => handles.add(new Thing(name)));
    handles.remove(ended!);
    expect(handles.entries()).toEqual([
      [first, { name: "a" }],
      [last, { name: "c" }],
    ]);
  });

  it("that were made up find nothing, whatever they are", () => {
    const handles = new Handles<Thing>(0.5);
    const handle = handles.add(new Thing("one"));
    const madeUp: unknown[] = [
      0,
      1,
      -1,
      0.5,
      0 - handle,
      handle + 0.5,
      handle + 1,
      handle + HANDLE_SLOTS_MAX,
      handle - HANDLE_SLOTS_MAX,
      2 ** 53,
      Number.NaN,
      Infinity,
      undefined,
      null,
      String(handle),
      BigInt(handle),
      [handle],
      {},
      Symbol("handle"),
      () => handle,
    ];
    expect(madeUp.map((value) => handles.get(as(value)))).toEqual(madeUp.map(() => null));
    expect(handles.get(handle)?.name).toBe("one");
  });

  it("of another table find nothing", () => {
    const [one, two] = [new Handles<Thing>(0.1), new Handles<Thing>(0.7)];
    const ofOne = Array.from({ length: 50 }, () => one.add(new Thing("one")));
    for (let index = 0; index < 50; index++) two.add(new Thing("two"));
    expect(ofOne.map((handle) => two.get(handle))).toEqual(ofOne.map(() => null));
  });

  it("are safe integers and never 0, for any seed", () => {
    for (const seed of [0, 0.25, 0.999_999_999]) {
      const handles = new Handles<Thing>(seed);
      const handle = handles.add(new Thing("one"));
      expect([Number.isSafeInteger(handle), handle > 0]).toEqual([true, true]);
    }
  });

  it("start again below the largest safe integer when a slot was used very often", () => {
    const handles = new Handles<Thing>(0);
    const first = handles.add(new Thing("one"));
    // As if its slot had been used half a billion times.
    const inside = handles as unknown as { names: number[] };
    const last = (2 ** 29 - 1) * HANDLE_SLOTS_MAX + (first % HANDLE_SLOTS_MAX);
    inside.names[first % HANDLE_SLOTS_MAX] = last;
    expect([Number.isSafeInteger(last), handles.get(as(last))?.name]).toEqual([true, "one"]);
    handles.remove(as(last));
    const next = handles.add(new Thing("next"));
    expect([Math.floor(next / HANDLE_SLOTS_MAX), handles.get(next)?.name]).toEqual([1, "next"]);
    expect(handles.get(as(last))).toBeNull();
  });
});
