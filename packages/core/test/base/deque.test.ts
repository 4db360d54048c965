import { describe, expect, it } from "vitest";
import { Deque } from "../../src/base/deque.ts";
import { seededRandom } from "../memory/support.ts";

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

  it("is one of many that grow and are emptied, and none has what another had", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = seededRandom(seed);
    const pairs = Array.from({ length: 5 }, () => ({ deque: new Deque<number>(), model: [0] }));
    for (const { model } of pairs) model.pop();
    for (let step = 0; step < 20_000; step++) {
      const { deque, model } = pairs[random(pairs.length)]!;
      // Now and then many at once, so that each array there is gets long, and passes on its places.
      for (let count = random(20) === 0 ? random(9000) : random(4); count > 0; count--) {
        deque.push(step + count);
        model.push(step + count);
      }
      const taken = random(3) === 0 ? model.length : random(4);
      for (const value of model.splice(0, taken)) if (deque.shift() !== value) fail(seed, step);
      if (deque.length !== model.length || deque.peek() !== model[0]) fail(seed, step);
    }
  });
});

function fail(seed: number, step: number): never {
  throw new Error(`seed ${seed}: not what was pushed, at step ${step}`);
}
