import { describe, expect, it } from "vitest";
import { Turn } from "../../src/base/turn.ts";
import { nextUncaught } from "./uncaught.ts";

describe("a turn", () => {
  it("runs what is deferred when the outermost entry is left, in order", () => {
    const turn = new Turn();
    const log: string[] = [];
    turn.enterCall();
    turn.enterEvent();
    turn.defer(() => log.push("first"));
    turn.leaveEvent();
    expect(log).toEqual([]);
    turn.defer(() => log.push("second"));
    turn.leaveCall();
    expect(log).toEqual(["first", "second"]);
  });

  it("runs what a deferred job defers in the same unwinding", () => {
    const turn = new Turn();
    const log: string[] = [];
    turn.enterCall();
    turn.defer(() => {
      log.push("outer");
      turn.enterCall();
      turn.defer(() => log.push("nested"));
      turn.leaveCall();
      expect(log).toEqual(["outer"]);
    });
    turn.defer(() => log.push("next"));
    turn.leaveCall();
    expect(log).toEqual(["outer", "next", "nested"]);
  });

  it("runs a job at once outside any entry", () => {
    const turn = new Turn();
    let ran = false;
    turn.defer(() => {
      ran = true;
    });
    expect(ran).toBe(true);
  });

  it("knows that an API call is on the stack, however deep", () => {
    const turn = new Turn();
    expect(turn.withinApiCall).toBe(false);
    turn.enterEvent();
    expect(turn.withinApiCall).toBe(false);
    turn.enterCall();
    turn.enterEvent();
    expect(turn.withinApiCall).toBe(true);
    turn.leaveEvent();
    turn.leaveCall();
    expect(turn.withinApiCall).toBe(false);
    turn.leaveEvent();
  });

  it("keeps going after a job that throws, and reports the exception as uncaught", async () => {
    const turn = new Turn();
    const log: string[] = [];
    const uncaught = nextUncaught();
    turn.enterCall();
    turn.defer(() => {
      throw new Error("a handler's bug");
    });
    turn.defer(() => log.push("after"));
    turn.leaveCall();
    expect(log).toEqual(["after"]);
    expect(await uncaught).toEqual(new Error("a handler's bug"));
  });

  it("keeps order and loses nothing over many thousand jobs that each defer one more", () => {
    const turn = new Turn();
    const seen: number[] = [];
    const next = (number: number): void => {
      seen.push(number);
      if (number < 5000) turn.defer(() => next(number + 1));
    };
    turn.enterCall();
    turn.defer(() => next(0));
    turn.leaveCall();
    expect(seen).toEqual(Array.from({ length: 5001 }, (_, index) => index));
  });
});
