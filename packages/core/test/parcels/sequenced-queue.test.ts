import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { SequencedQueue } from "../../src/parcels/sequenced-queue.ts";

interface Element {
  readonly name: number;
  readonly size: number;
}

function element(name: number, size = 1): Element {
  return { name, size };
}

function queueOf(next = 0): SequencedQueue<Element> {
  return new SequencedQueue(next);
}

describe("a sequenced queue", () => {
  it("expects more and yields nothing when fresh (Empty)", () => {
    const queue = queueOf();
    expect(queue.isOpen).toBe(true);
    expect(queue.pop()).toBeUndefined();
    expect(queue.run).toBe(0);
    expect(queue.reach).toBe(0);
    expect(queue.isDrained).toBe(false);
  });

  it("stops expecting more exactly when the last gap closes (SetFinalSequenceLength)", () => {
    const queue = queueOf();
    expect(queue.setEnd(3)).toBe(true);
    expect(queue.push(2, element(2))).toBe(true);
    expect(queue.push(0, element(0))).toBe(true);
    expect(queue.isOpen).toBe(true);
    expect(queue.push(1, element(1))).toBe(true);
    expect(queue.isOpen).toBe(false);
    expect([queue.pop()?.name, queue.pop()?.name, queue.pop()?.name]).toEqual([0, 1, 2]);
    expect(queue.isDrained).toBe(true);
  });

  it("can be ended at its reach by force, whatever the end was (ForceTerminateSequence)", () => {
    const queue = queueOf();
    queue.setEnd(10);
    queue.push(0, element(0));
    queue.push(2, element(2));
    queue.push(5, element(5));
    expect(queue.setEnd(1)).toBe(false);
    expect(queue.forceEnd().map((dropped) => dropped.name)).toEqual([2, 5]);
    expect(queue.end).toBe(1);
    expect(queue.push(1, element(1))).toBe(false);
    expect(queue.pop()?.name).toBe(0);
    expect(queue.isDrained).toBe(true);
  });

  it("refuses numbers that were taken already (SequenceTooLow)", () => {
    const queue = queueOf();
    queue.push(0, element(0));
    queue.pop();
    expect(queue.push(0, element(0))).toBe(false);
    expect(queue.push(1, element(1))).toBe(true);
    expect(queue.push(1, element(1))).toBe(false);
  });

  it("refuses numbers at the end and past it (SequenceTooHigh)", () => {
    const queue = queueOf();
    queue.setEnd(5);
    expect(queue.push(5, element(5))).toBe(false);
    expect(queue.push(6, element(6))).toBe(false);
    expect(queue.push(4, element(4))).toBe(true);
  });

  it("yields any permutation in order, once (SparseSequence)", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 16 }, (_, index) => index),
          { minLength: 16 },
        ),
        (order) => {
          const queue = queueOf();
          const popped: number[] = [];
          for (const number of order) {
            expect(queue.push(number, element(number))).toBe(true);
            expect(queue.push(number, element(number))).toBe(false);
            if (number % 3 === 0)
              for (let next = queue.pop(); next; next = queue.pop()) popped.push(next.name);
          }
          for (let next = queue.pop(); next; next = queue.pop()) popped.push(next.name);
          expect(popped).toEqual(Array.from({ length: 16 }, (_, index) => index));
        },
      ),
    );
  });

  it("is drained when ended at its start, otherwise only after every pop (FullyConsumed)", () => {
    const empty = queueOf();
    empty.setEnd(0);
    expect(empty.isDrained).toBe(true);
    const queue = queueOf();
    queue.push(0, element(0));
    queue.setEnd(1);
    expect(queue.isDrained).toBe(false);
    queue.pop();
    expect(queue.isDrained).toBe(true);
  });

  it("skips only at the head, only what is missing, only below the end (SkipElement)", () => {
    const queue = queueOf();
    expect(queue.skip(1)).toBe(false);
    expect(queue.skip(0)).toBe(true);
    queue.push(1, element(1));
    expect(queue.skip(1)).toBe(false);
    queue.push(3, element(3, 5));
    queue.pop();
    expect(queue.skip(2)).toBe(true);
    expect(queue.run).toBe(1);
    expect(queue.bytes).toBe(5);
    queue.setEnd(4);
    queue.pop();
    expect(queue.skip(4)).toBe(false);
    expect(queue.isDrained).toBe(true);
  });

  it("counts elements and bytes of the contiguous run only (Accounting)", () => {
    const queue = queueOf();
    queue.push(3, element(3, 100));
    queue.push(1, element(1, 10));
    expect([queue.run, queue.bytes]).toEqual([0, 0]);
    queue.push(0, element(0, 1));
    expect([queue.run, queue.bytes]).toEqual([2, 11]);
    queue.push(2, element(2, 1000));
    expect([queue.run, queue.bytes]).toEqual([4, 1111]);
    queue.pop();
    expect([queue.run, queue.bytes]).toEqual([3, 1110]);
  });

  it("takes a number as far ahead as the gap allows, and not one further", () => {
    const queue = queueOf(7);
    expect(queue.push(7 + Limits.sequenceGapMax, element(1))).toBe(true);
    expect(queue.push(8 + Limits.sequenceGapMax, element(2))).toBe(false);
    const ended = queueOf(7);
    expect(ended.setEnd(8 + Limits.sequenceGapMax)).toBe(false);
    expect(ended.setEnd(7 + Limits.sequenceGapMax)).toBe(true);
  });

  it("loses none of many parcels that nobody reads, and can still end", () => {
    const queue = queueOf();
    const one = element(0);
    const count = Limits.sequenceGapMax + 2;
    let taken = 0;
    for (let number = 0; number < count; number++) if (queue.push(number, one)) taken++;
    expect([taken, queue.run]).toEqual([count, count]);
    expect(queue.setEnd(count)).toBe(true);
  });

  it("refuses an end below what has arrived beyond a gap, or below what was taken", () => {
    const queue = queueOf(4);
    queue.push(9, element(9));
    expect(queue.setEnd(9)).toBe(false);
    expect(queue.setEnd(3)).toBe(false);
    expect(queue.setEnd(10)).toBe(true);
  });

  it("keeps its reach when elements are taken", () => {
    const queue = queueOf();
    for (let number = 0; number < 3000; number++) queue.push(number, element(number));
    for (let number = 0; number < 3000; number++) {
      expect(queue.reach).toBe(3000);
      expect(queue.pop()?.name).toBe(number);
    }
    expect(queue.reach).toBe(3000);
  });

  it("gives up everything, also beyond gaps, when asked", () => {
    const queue = queueOf();
    queue.push(0, element(0));
    queue.push(4, element(4));
    expect(queue.takeAll().map((left) => left.name)).toEqual([0, 4]);
    expect(queue.bytes).toBe(0);
  });
});
