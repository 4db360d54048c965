import { describe, expect, test } from "vitest";
import { HandleTable } from "../src/handles.ts";
import { seededBelow } from "../../../tools/conformance/src/driver/pattern.ts";

describe("HandleTable", () => {
  test("finds an object by its handle until it is taken", () => {
    const table = new HandleTable<string>();
    const handle = table.add("one");
    expect(table.get(handle)).toBe("one");
    expect(table.take(handle)).toBe("one");
    expect(table.get(handle)).toBeUndefined();
    expect(table.take(handle)).toBeUndefined();
  });

  test("never gives 0, nor a number a guesser would start with", () => {
    const table = new HandleTable<number>();
    const handles = Array.from({ length: 100 }, (_, index) => table.add(index));
    expect(handles.every((handle) => handle > 2 ** 24)).toBe(true);
  });

  test("refuses numbers that are no handles", () => {
    const table = new HandleTable<string>();
    const handle = table.add("one");
    const strangers = [0, 1, -1, 1.5, Number.NaN, Infinity, -Infinity, handle + 1, handle + 0.5];
    strangers.push(handle + 2 ** 24, handle + 2 ** 32, handle + 2 ** 52, 0 - handle, 2 ** 53);
    expect(strangers.filter((stranger) => table.get(stranger) !== undefined)).toEqual([]);
    expect(table.get(undefined as unknown as number)).toBeUndefined();
    expect(table.get(String(handle) as unknown as number)).toBeUndefined();
  });

  test("gives a place a new handle each time it is used", () => {
    const table = new HandleTable<number>();
    const seen = new Set<number>();
    for (let round = 0; round < 1000; round++) {
      const handle = table.add(round);
      seen.add(handle);
      table.take(handle);
    }
    expect(seen.size).toBe(1000);
  });

  test.each([1, 2, 3, 4, 5])("agrees with a map over random use (seed %i)", (seed) => {
    const random = seededBelow(seed);
    const table = new HandleTable<number>();
    const model = new Map<number, number>();
    const gone: number[] = [];
    let wrong = 0;
    for (let step = 0; step < 2000; step++) {
      const known = [...model.keys()];
      if (random(3) > 0 || known.length === 0) model.set(table.add(step), step);
      else {
        const handle = known[random(known.length)] as number;
        if (table.take(handle) !== model.get(handle)) wrong++;
        model.delete(handle);
        gone.push(handle);
      }
    }
    expect(wrong).toBe(0);
    expect(table.size).toBe(model.size);
    expect(new Map(table.entries())).toEqual(model);
    expect(gone.filter((handle) => table.get(handle) !== undefined)).toEqual([]);
  });
});
