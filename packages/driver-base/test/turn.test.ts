/** A turn ends once for all that enlisted in it: with its callback of the event loop, or after it. */
import process from "node:process";
import { describe, expect, it } from "vitest";
import { Turn } from "../src/turn.ts";

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function member(turn: Turn) {
  const made = { ends: 0, onEnd: () => {}, endTurn: () => {}, enlist: () => turn.enlist(made) };
  made.endTurn = () => {
    made.ends++;
    made.onEnd();
  };
  return made;
}

/** What is done inside happens in a callback of the event loop, with nothing else on the stack. */
function inEvent(turn: Turn, body: () => void): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      turn.enterEvent();
      body();
      turn.leaveEvent();
      resolve();
    });
  });
}

describe("a turn", () => {
  it("ends after the reactions of promises that are under way", async () => {
    const turn = new Turn();
    const one = member(turn);
    one.enlist();
    await Promise.resolve();
    await Promise.resolve();
    expect(one.ends).toBe(0);
    await immediate();
    expect(one.ends).toBe(1);
  });

  it("of an event ends with it, after what handlers have left to do", async () => {
    const turn = new Turn();
    const one = member(turn);
    const two = member(turn);
    const seen: number[] = [];
    await inEvent(turn, () => {
      one.enlist();
      process.nextTick(() => seen.push(one.ends));
      queueMicrotask(() => {
        two.enlist();
        seen.push(one.ends);
      });
      expect(one.ends).toBe(0);
    });
    expect(seen).toEqual([0, 0]);
    expect([one.ends, two.ends]).toEqual([1, 1]);
  });

  it("of an event can end in the middle of it", async () => {
    const turn = new Turn();
    const one = member(turn);
    await inEvent(turn, () => {
      turn.settle();
      one.enlist();
      turn.settle();
      expect(one.ends).toBe(1);
      one.enlist();
      expect(one.ends).toBe(1);
    });
    expect(one.ends).toBe(2);
  });

  it("ends once more for whoever enlists while it ends", async () => {
    const turn = new Turn();
    const one = member(turn);
    one.onEnd = () => {
      if (one.ends < 3) one.enlist();
    };
    await inEvent(turn, () => one.enlist());
    await immediate();
    expect(one.ends).toBe(3);
    await inEvent(turn, () => {
      one.ends = 0;
      one.enlist();
      turn.settle();
    });
    await immediate();
    expect(one.ends).toBe(3);
  });

  it("that is under way when the process exits ends first", async () => {
    const turn = new Turn();
    const one = member(turn);
    await inEvent(turn, () => {
      one.enlist();
      Turn.endAll();
      expect(one.ends).toBe(1);
    });
    expect(one.ends).toBe(1);
  });
});
