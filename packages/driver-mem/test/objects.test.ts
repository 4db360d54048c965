import type { IpczDriverHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { HandleTable, NOBODY, type MemObject } from "../src/objects.ts";

function object(): MemObject {
  return {
    kind: "memory",
    handle: 0 as IpczDriverHandle,
    owner: NOBODY,
    slot: -1,
    travels: true,
    release: () => {},
  };
}

describe("driver handles", () => {
  it("find the object for its owner only", () => {
    const table = new HandleTable(1);
    const mine = object();
    const handle = table.add(mine, 1);
    expect([table.find(handle, 1), table.find(handle, 2), table.find(handle, NOBODY)]).toEqual([
      mine,
      null,
      null,
    ]);
  });

  it("are stale once the object is gone or has changed hands, though the slot is used again", () => {
    const table = new HandleTable(1);
    const first = object();
    const old = table.add(first, 1);
    const given = table.give(first, 2);
    expect([table.find(old, 1), table.find(old, 2), table.find(given, 2)]).toEqual([
      null,
      null,
      first,
    ]);
    expect([table.remove(first), table.remove(first)]).toEqual([true, false]);
    const second = object();
    const handle = table.add(second, 2);
    expect(second.slot).toBe(first.slot);
    expect([table.find(given, 2), table.find(handle, 2)]).toEqual([null, second]);
  });

  it("find nothing under way", () => {
    const table = new HandleTable(1);
    const travelling = object();
    const handle = table.add(travelling, 1);
    table.take(travelling);
    expect(table.find(handle, 1)).toBe(null);
    expect([table.list(1), table.list(null)]).toEqual([[], [travelling]]);
  });

  it("may be any number that somebody made up", () => {
    const table = new HandleTable(1);
    const handle = table.add(object(), 1);
    const others = [0, -1, 0.5, handle + 0.5, 0 - handle, handle + 2 ** 20, 2 ** 60, NaN, Infinity];
    for (const other of others) expect(table.find(other, 1), `handle ${other}`).toBe(null);
  });

  it("differ between tables that begin with different generations", () => {
    const handles = [1, 2, 3].map((generation) => new HandleTable(generation).add(object(), 1));
    expect(new Set(handles).size).toBe(3);
  });

  it("know when the table is full", () => {
    const table = new HandleTable(1);
    expect([table.hasRoom(2 ** 20), table.hasRoom(2 ** 20 + 1)]).toEqual([true, false]);
    table.add(object(), 1);
    expect(table.hasRoom(2 ** 20)).toBe(false);
  });
});
