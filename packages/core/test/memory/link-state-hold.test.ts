import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import { BlockAllocator } from "../../src/memory/block-allocator.ts";
import type { LinkStateHold } from "../../src/memory/link-state-hold.ts";
import { Region } from "../../src/memory/region.ts";
import { type FragmentDescriptor, NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { type BufferId, SIDE_A, SIDE_B } from "../../src/wire/ids.ts";
import { type End, linkEnds, SlowSource } from "./link-ends.ts";

/** Takes every 64-byte block there is. */
function drain({ memory }: End): LinkStateHold[] {
  const holds: LinkStateHold[] = [];
  for (;;) {
    const hold = memory.tryAllocateLinkState();
    if (hold === null) return holds;
    holds.push(hold);
  }
}

const place = (bufferId: number, offset: number, size: number): FragmentDescriptor => ({
  bufferId: bufferId as BufferId,
  offset,
  size,
});

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("missing");
  return value;
}

describe("link state hold", () => {
  it("counts 1 when fresh, 2 on the wire, and the last of two ends frees the block", () => {
    const { a, b, end } = linkEnds();
    const ours = must(a.memory.tryAllocateLinkState());
    expect(a.region.load(1088)).toBe(1);
    expect(ours.state?.status).toBe(0);
    const descriptor = ours.share();
    expect(descriptor).toEqual({ bufferId: 0, offset: 1088, size: 64 });
    expect(a.region.load(1088)).toBe(2);
    const theirs = must(b.memory.adoptLinkState(descriptor));
    expect(a.region.load(1088)).toBe(2);
    theirs.state?.markStable(SIDE_B);
    expect(ours.state?.status).toBe(2);
    ours.release();
    ours.release();
    expect([a.region.load(1088), ours.state]).toEqual([1, null]);
    theirs.release();
    expect(a.memory.allocateFragment(64)?.descriptor.offset).toBe(1088);
    expect(end()).toBe(0);
  });

  it("of an initial portal counts down from 0 and is never freed", () => {
    const { a, b, end } = linkEnds();
    for (const memory of [a.memory, b.memory])
      for (let index = 0; index < Limits.initialPortalsMax; index++)
        memory.initialLinkState(index).release();
    for (let index = 0; index < Limits.initialPortalsMax; index++)
      expect(a.region.load(256 + 64 * index)).toBe(-2);
    expect(a.memory.allocateFragment(64)?.descriptor.offset).toBe(1088);
    expect(end()).toBe(0);
  });

  it("keeps the memory mapped after the link is closed", () => {
    const { a, driver, end } = linkEnds();
    const hold = a.memory.initialLinkState(3);
    a.memory.close();
    hold.state?.markStable(SIDE_A);
    expect(driver.liveCount).toBe(2);
    hold.release();
    expect(driver.liveCount).toBe(1);
    expect(end()).toBe(0);
  });

  it.each([
    ["null", NULL_FRAGMENT],
    ["too small", place(0, 1088, 63)],
    ["misaligned", place(0, 1092, 64)],
    ["out of bounds", place(0, 131_072 - 56, 64)],
    ["far out of bounds", place(0, 0xfffffff8, 0xffffffff)],
    ["too small, in an unknown buffer", place(9, 0, 63)],
    ["misaligned, in an unknown buffer", place(9, 4, 64)],
  ])("does not adopt a descriptor that is %s", (_name, descriptor) => {
    const { b, end } = linkEnds();
    expect(b.memory.adoptLinkState(descriptor)).toBeNull();
    expect(end()).toBe(0);
  });

  it("may be larger than a link state", () => {
    const { b } = linkEnds();
    expect(b.memory.adoptLinkState(place(0, 98_816, 512))?.state?.status).toBe(0);
  });
});

/** A link state of A's in a buffer that B has not heard of. */
function pending() {
  const ends = linkEnds();
  drain(ends.a);
  const ours = must(ends.a.memory.tryAllocateLinkState());
  const descriptor = ours.share();
  expect(descriptor.bufferId).toBe(1);
  const theirs = must(ends.b.memory.adoptLinkState(descriptor));
  return { ...ends, ours, theirs, descriptor };
}

describe("link state hold, pending", () => {
  it("resolves when its buffer arrives", () => {
    const { ours, theirs, deliver, end } = pending();
    let resolved = 0;
    const count = () => resolved++;
    theirs.whenResolved(count);
    expect([theirs.state, resolved]).toEqual([null, 0]);
    deliver();
    expect(resolved).toBe(1);
    theirs.whenResolved(count);
    expect(resolved).toBe(2);
    theirs.state?.markStable(SIDE_B);
    expect(ours.state?.status).toBe(2);
    ours.release();
    theirs.release();
    expect(end()).toBeGreaterThan(0); // the states that drain took
  });

  it("gives its reference back when it was released before its buffer arrived", () => {
    const { a, ours, theirs, descriptor, deliver } = pending();
    let resolved = 0;
    theirs.whenResolved(() => resolved++);
    theirs.release();
    theirs.whenResolved(() => resolved++);
    ours.release();
    const { region } = a.memory.resolve(descriptor);
    expect(region?.load(descriptor.offset)).toBe(1);
    deliver();
    expect([theirs.state, resolved]).toEqual([null, 0]);
    expect(a.memory.allocateFragment(64)?.descriptor).toEqual(descriptor);
  });

  it("stays unresolved when its buffer turns out too small, or never comes", () => {
    const { b, driver, end } = linkEnds();
    const outside = must(b.memory.adoptLinkState(place(9, 65_536 - 56, 64)));
    const never = must(b.memory.adoptLinkState(place(10, 0, 64)));
    const memory = must(DriverMemory.allocate(driver, 65_536));
    expect(b.memory.addBlockBuffer(9 as BufferId, 64, memory)).toBe(true);
    expect(outside.state).toBeNull();
    b.memory.close();
    expect(never.state).toBeNull();
    expect(() => never.share()).toThrow("resolved before it is shared");
    outside.release();
    never.release();
    expect(end()).toBe(0);
  });

  it("is refused when too many wait already", () => {
    const { b } = linkEnds();
    let kept = 0;
    while (b.memory.whenBuffer(9 as BufferId, () => undefined)) kept++;
    expect(kept).toBe(Limits.bufferWaitersMax);
    expect(b.memory.adoptLinkState(place(9, 0, 64))).toBeNull();
  });
});

describe("link state allocation", () => {
  it("grows without a bound of its own, also at fixed capacity", () => {
    const { a, end } = linkEnds({ fixedCapacity: true });
    const holds = [...drain(a), ...drain(a), ...drain(a)];
    expect(holds).toHaveLength(1483 + 2 * 1023);
    expect(a.sent.map(({ blockSize }) => blockSize)).toEqual([64, 64, 64]);
    for (const hold of holds) hold.release();
    expect(end()).toBe(0);
  });

  it("answers at once while there are blocks", () => {
    const { a, end } = linkEnds();
    let hold: LinkStateHold | null = null;
    a.memory.whenLinkState((made) => (hold = made));
    expect(must<LinkStateHold>(hold).state?.status).toBe(0);
    must<LinkStateHold>(hold).release();
    expect(end()).toBe(0);
  });

  it("answers in order when capacity comes", () => {
    const source = new SlowSource();
    const { a, driver, end } = linkEnds({ source });
    const holds = drain(a);
    const order: number[] = [];
    for (const name of [1, 2])
      a.memory.whenLinkState((hold) => {
        order.push(name);
        holds.push(must(hold));
      });
    expect([order, source.requests.length]).toEqual([[], 1]);
    source.answer(driver);
    expect(order).toEqual([1, 2]);
    for (const hold of holds) hold.release();
    expect(end()).toBe(0);
  });

  it("answers when the capacity comes from the peer", () => {
    const { a, b, deliver } = linkEnds({ source: new SlowSource() }, {});
    drain(a);
    let made: LinkStateHold | null = null;
    a.memory.whenLinkState((hold) => (made = hold));
    expect([b.memory.tryAllocateLinkState(), made]).toEqual([null, null]);
    deliver();
    expect(must<LinkStateHold>(made).share().bufferId).toBe(1);
  });

  it("asks again until all are served", () => {
    const source = new SlowSource();
    const { a, driver } = linkEnds({ source });
    drain(a);
    let served = 0;
    for (let count = 0; count < 1500; count++)
      a.memory.whenLinkState((hold) => (served += hold === null ? 0 : 1));
    source.answer(driver);
    expect([served, source.requests.length]).toEqual([1023, 1]);
    source.answer(driver);
    expect([served, source.requests.length]).toEqual([1500, 0]);
  });

  it.each([
    ["memory is refused", (source: SlowSource) => source.refuse()],
    ["the link closes", (_source: SlowSource, end: End) => end.memory.close()],
  ])("answers null to all when %s", (_name, happen) => {
    const source = new SlowSource();
    const { a, end } = linkEnds({ source });
    const holds = drain(a);
    const answers: unknown[] = [];
    a.memory.whenLinkState((hold) => answers.push(hold));
    a.memory.whenLinkState((hold) => answers.push(hold));
    happen(source, a);
    expect(answers).toEqual([null, null]);
    for (const hold of holds) hold.release();
    expect(end()).toBe(0);
  });

  it("lets those who ask again while they are refused wait for the new request", () => {
    const source = new SlowSource();
    const { a, driver, end } = linkEnds({ source });
    const holds = drain(a);
    const answers: string[] = [];
    const wait = (name: string, then: () => void) =>
      a.memory.whenLinkState((hold) => {
        answers.push(`${name} ${hold === null ? "refused" : "served"}`);
        if (hold) holds.push(hold);
        then();
      });
    wait("first", () => wait("again", () => undefined));
    wait("second", () => undefined);
    source.refuse();
    expect([answers, source.requests.length]).toEqual([["first refused", "second refused"], 1]);
    source.answer(driver);
    expect(answers[2]).toBe("again served");
    for (const hold of holds) hold.release();
    expect(end()).toBe(0);
  });

  it("answers null at once when the link is closed", () => {
    const { a } = linkEnds();
    a.memory.close();
    const answers: unknown[] = [a.memory.tryAllocateLinkState()];
    a.memory.whenLinkState((hold) => answers.push(hold));
    expect(answers).toEqual([null, null]);
  });

  it(`keeps ${Limits.bufferWaitersMax} who wait, and answers null to one more`, () => {
    const { a } = linkEnds({ source: new SlowSource() });
    drain(a);
    let refused = 0;
    const count = () => refused++;
    for (let index = 0; index < Limits.bufferWaitersMax; index++) a.memory.whenLinkState(count);
    expect(refused).toBe(0);
    a.memory.whenLinkState(count);
    expect(refused).toBe(1);
  });

  it(`answers null when blocks run out after ${Limits.buffersMax} buffers`, () => {
    const { a, driver } = linkEnds({ source: new SlowSource() });
    const add = (id: number) => {
      const memory = must(DriverMemory.allocate(driver, 512));
      const region = new Region(must(memory.map()).bytes);
      new BlockAllocator(region, { offset: 0, size: 512, blockSize: 64 }).initialise();
      return a.memory.addBlockBuffer(id as BufferId, 64, memory);
    };
    for (let id = 1; id < Limits.buffersMax - 1; id++) add(id);
    drain(a);
    const answers: unknown[] = [];
    for (let count = 0; count < 8; count++) a.memory.whenLinkState((hold) => answers.push(hold));
    expect([answers.length, a.asked.length]).toEqual([0, 1]);
    expect(add(Limits.buffersMax - 1)).toBe(true);
    const expected = Array.from({ length: 8 }, (_, index) => index < 7);
    expect(answers.map((hold) => hold !== null)).toEqual(expected);
    expect(add(Limits.buffersMax)).toBe(false);
    a.memory.whenLinkState((hold) => answers.push(hold));
    expect(answers[8]).toBeNull();
    expect([a.memory.allocateFragment(8192), a.asked.length]).toEqual([null, 1]);
  });
});
