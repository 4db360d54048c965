import { describe, expect, it } from "vitest";
import { Inbox, type Message } from "../src/inbox.ts";
import { SeededRandom } from "../src/random.ts";

function message(number: number): Message {
  return { data: Uint8Array.of(number & 0xff, number >>> 8), objects: null, readyAt: number };
}

describe("an inbox", () => {
  it("gives messages back in order, whatever is pushed meanwhile (seed 4)", () => {
    const random = new SeededRandom(4, 1);
    const inbox = new Inbox();
    let pushed = 0;
    let shifted = 0;
    let wrongCount = 0;
    while (shifted < 10_000) {
      // Waves: it fills up past the point where the array is moved, and empties again.
      const filling = Math.floor(pushed / 4000) % 2 === 0;
      if (random.chance(filling ? 0.9 : 0.4)) inbox.push(message(pushed++));
      else if (inbox.count > 0) {
        if (inbox.peek()?.readyAt !== shifted || inbox.shift()?.readyAt !== shifted) wrongCount++;
        shifted++;
      }
      if (inbox.count !== pushed - shifted) wrongCount++;
    }
    expect(wrongCount).toBe(0);
  });

  it("keeps a first part and gives back the rest", () => {
    const inbox = new Inbox();
    for (const number of [0, 1, 2, 3, 4]) inbox.push(message(number));
    inbox.shift();
    expect(inbox.keep(2).map(({ readyAt }) => readyAt)).toEqual([3, 4]);
    expect([inbox.shift()?.readyAt, inbox.shift()?.readyAt, inbox.shift()]).toEqual([1, 2, null]);
    expect(inbox.keep(0)).toEqual([]);
  });
});
