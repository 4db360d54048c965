import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import type { RemoteRouterLink } from "../../src/links/contract.ts";
import { type EarlyParcel, Sublinks } from "../../src/links/sublinks.ts";
import type { SublinkId } from "../../src/wire/ids.ts";

const LINK = {} as RemoteRouterLink;
const id = (number: number): SublinkId => number as SublinkId;

class Early implements EarlyParcel {
  readonly size: number;
  closed = 0;

  constructor(size = 1) {
    this.size = size;
  }

  close(): void {
    this.closed++;
  }
}

function table() {
  let now = 0;
  return { sublinks: new Sublinks<Early>(() => now), pass: (ms: number) => (now += ms) };
}

describe("the sublink table", () => {
  it("finds what is bound, and nothing else", () => {
    const { sublinks } = table();
    expect([sublinks.at(id(1)), sublinks.isTaken(id(1))]).toEqual([null, false]);
    sublinks.add(id(1), LINK);
    expect([sublinks.at(id(1)) === LINK, sublinks.isTaken(id(1)), sublinks.count]).toEqual([
      true,
      true,
      1,
    ]);
    expect(() => sublinks.add(id(1), LINK)).toThrow("bound once");
    sublinks.remove(id(1));
    expect([sublinks.at(id(1)), sublinks.count]).toEqual([null, 0]);
  });

  it("remembers removed ids for five minutes at least, and not for ever", () => {
    const { sublinks, pass } = table();
    sublinks.add(id(1), LINK);
    sublinks.remove(id(1));
    sublinks.remove(id(2));
    expect([sublinks.wasRemoved(id(1)), sublinks.wasRemoved(id(2))]).toEqual([true, false]);
    pass(Limits.removedSublinkMsMin - 1);
    expect(sublinks.wasRemoved(id(1))).toBe(true);
    pass(1);
    expect(sublinks.wasRemoved(id(1)), "in the older generation").toBe(true);
    pass(Limits.removedSublinkMsMin);
    expect(sublinks.wasRemoved(id(1))).toBe(false);
  });

  it("gives early parcels back in order of arrival", () => {
    const { sublinks } = table();
    const [a, b, c] = [new Early(), new Early(), new Early()];
    for (const [sublink, parcel] of [
      [1, a],
      [2, b],
      [1, c],
    ] as const)
      expect(sublinks.keepEarly(id(sublink), parcel)).toBe(true);
    expect([1, 1, 1, 2, 2].map((number) => sublinks.takeEarly(id(number)))).toEqual([
      a,
      c,
      undefined,
      b,
      undefined,
    ]);
  });

  it(`keeps ${Limits.earlyParcelsMax} early parcels, and no more`, () => {
    const { sublinks } = table();
    for (let index = 0; index < Limits.earlyParcelsMax; index++)
      expect(sublinks.keepEarly(id(index % 7), new Early(0))).toBe(true);
    expect(sublinks.keepEarly(id(9), new Early(0))).toBe(false);
    sublinks.takeEarly(id(3));
    expect(sublinks.keepEarly(id(9), new Early(0))).toBe(true);
  });

  it("keeps 16 MiB of early parcels, and no more", () => {
    const { sublinks } = table();
    const max = Limits.earlyParcelBytesMax;
    expect(sublinks.keepEarly(id(1), new Early(max + 1))).toBe(false);
    expect(sublinks.keepEarly(id(1), new Early(max))).toBe(true);
    expect(sublinks.keepEarly(id(1), new Early(1))).toBe(false);
    sublinks.takeEarly(id(1));
    expect(sublinks.keepEarly(id(1), new Early(1))).toBe(true);
  });

  it("remembers an abandoned id as removed, and gives back what was kept for it", () => {
    const { sublinks } = table();
    const early = new Early();
    sublinks.keepEarly(id(1), early);
    expect(sublinks.abandon(id(1))).toEqual([early]);
    expect(sublinks.wasRemoved(id(1))).toBe(true);
    sublinks.add(id(2), LINK);
    expect(sublinks.abandon(id(2))).toEqual([]);
    expect([sublinks.wasRemoved(id(2)), sublinks.at(id(2)) === LINK]).toEqual([false, true]);
  });

  it("forgets everything when it is detached, and closes early parcels", () => {
    const { sublinks } = table();
    const early = new Early();
    sublinks.add(id(1), LINK);
    sublinks.add(id(2), LINK);
    sublinks.remove(id(2));
    sublinks.keepEarly(id(3), early);
    expect(sublinks.detachAll()).toEqual([LINK]);
    expect([early.closed, sublinks.count]).toEqual([1, 0]);
    expect([sublinks.at(id(1)), sublinks.wasRemoved(id(2))]).toEqual([null, false]);
    expect(sublinks.takeEarly(id(3))).toBeUndefined();
  });
});
