import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { RemovedSublinks } from "../../src/links/removed-sublinks.ts";
import { FOLDED_HIGH_BIT, type SublinkId } from "../../src/wire/ids.ts";

const id = (number: number): SublinkId => number as SublinkId;

/** Ids of one page. */
const PAGE = 1024;

function removed() {
  let now = 0;
  return { ids: new RemovedSublinks(() => now), pass: (ms: number) => (now += ms) };
}

describe("removed sublinks", () => {
  it.each([0, 1, 31, 32, PAGE - 1, PAGE, 2 ** 32 + 31, FOLDED_HIGH_BIT, 2 ** 53 - 1])(
    "are told from their neighbours (%d)",
    (number) => {
      const { ids } = removed();
      const others = [number - 1, number + 1, number + 32, number + PAGE, number % 2 ** 32].filter(
        (other) => other >= 0 && other !== number && Number.isSafeInteger(other),
      );
      ids.add(id(number));
      expect(ids.has(id(number))).toBe(true);
      expect(others.filter((other) => ids.has(id(other)))).toEqual([]);
      for (const other of others) ids.add(id(other));
      expect([number, ...others].every((each) => ids.has(id(each)))).toBe(true);
    },
  );

  it("are remembered for five minutes at least and ten at most", () => {
    const { ids, pass } = removed();
    pass(Limits.removedSublinkMsMin - 1);
    ids.add(id(1));
    pass(1);
    ids.add(id(2));
    pass(Limits.removedSublinkMsMin - 1);
    expect([ids.has(id(1)), ids.has(id(2))]).toEqual([true, true]);
    pass(1);
    expect([ids.has(id(1)), ids.has(id(2))]).toEqual([false, true]);
    pass(Limits.removedSublinkMsMin);
    expect(ids.has(id(2))).toBe(false);
  });

  it(`are remembered in ${Limits.removedSublinkPagesMax} pages, and past that older ones are forgotten`, () => {
    const { ids } = removed();
    const scatter = (count: number, from: number): void => {
      for (let index = 0; index < count; index++) ids.add(id((from + index) * PAGE));
    };
    scatter(Limits.removedSublinkPagesMax, 0);
    scatter(Limits.removedSublinkPagesMax, Limits.removedSublinkPagesMax);
    expect([ids.has(id(0)), ids.has(id(Limits.removedSublinkPagesMax * PAGE))]).toEqual([
      true,
      true,
    ]);
    scatter(1, 2 * Limits.removedSublinkPagesMax);
    expect([ids.has(id(0)), ids.has(id(Limits.removedSublinkPagesMax * PAGE))]).toEqual([
      false,
      true,
    ]);
  });

  // A set of ids, which this was, throws when the next one after 16,777,216 is added.
  it("can be as many as a peer likes", () => {
    const { ids } = removed();
    const last = 2 ** 24 + 1;
    for (let number = 0; number < last; number++) ids.add(id(number));
    expect([ids.has(id(0)), ids.has(id(last - 1)), ids.has(id(last))]).toEqual([true, true, false]);
  });

  it("are forgotten when told so", () => {
    const { ids, pass } = removed();
    ids.add(id(1));
    pass(Limits.removedSublinkMsMin);
    ids.add(id(2));
    ids.clear();
    expect([ids.has(id(1)), ids.has(id(2))]).toEqual([false, false]);
  });
});
