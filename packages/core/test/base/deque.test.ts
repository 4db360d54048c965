import { describe, expect, it } from "vitest";
import { Deque } from "../../src/base/deque.ts";

describe("a deque", () => {
  it("gives back what was pushed, first in first out", () => {
    const deque = new Deque<number>();
    for (let index = 0; index < 5000; index++) deque.push(index);
    expect(deque.peek()).toBe(0);
    for (let index = 0; index < 5000; index++) {
      expect(deque.length).toBe(5000 - index);
      expect(deque.shift()).toBe(index);
    }
    expect(deque.shift()).toBeUndefined();
    expect(deque.length).toBe(0);
  });

  it("stays in order when pushes and shifts alternate", () => {
    const deque = new Deque<number>();
    let pushed = 0;
    let shifted = 0;
    for (let round = 0; round < 3000; round++) {
      for (let count = 0; count < 1 + (round % 3); count++) deque.push(pushed++);
      for (let count = 0; count < 1 + (round % 2); count++) {
        if (deque.length === 0) break;
        expect(deque.shift()).toBe(shifted++);
      }
    }
    expect(deque.length).toBe(pushed - shifted);
  });
});
