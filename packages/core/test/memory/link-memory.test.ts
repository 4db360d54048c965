import { describe, expect, it } from "vitest";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import { LinkMemory } from "../../src/memory/link-memory.ts";
import { parcelBytes, readParcelSize, writeParcelSize } from "../../src/memory/parcel-fragment.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { type BufferId, PRIMARY_BUFFER, SIDE_A, SIDE_B } from "../../src/wire/ids.ts";
import { MockDriver } from "../driver/mock-driver.ts";
import { drain, linkEnds, SlowSource } from "./link-ends.ts";
import { hex } from "./support.ts";

describe("link memory", () => {
  it("goes through the recorded exchange byte for byte (spec: wire 7.1)", () => {
    const { a, b, end } = linkEnds();
    const [stateA, stateB] = [a.memory.initialLinkState(0), b.memory.initialLinkState(0)];
    stateA.state?.markStable(SIDE_A);
    stateB.state?.markStable(SIDE_B);
    expect(hex(a.region, 256, 8)).toBe("00 00 00 00 03 00 00 00");
    const exchanges = [
      [a, b, "hello", "68 65 6c 6c 6f", "01 00 01 00", "02 00 00 00"],
      [b, a, "world", "77 6f 72 6c 64", "03 00 01 00", "04 00 00 00"],
    ] as const;
    for (const [from, to, text, bytes, taken, given] of exchanges) {
      const fragment = from.memory.allocateFragment(text.length + 8);
      if (!fragment) throw new Error("no fragment");
      parcelBytes(fragment).set(new TextEncoder().encode(text));
      writeParcelSize(fragment, text.length);
      expect(fragment.descriptor).toEqual({ bufferId: 0, offset: 1088, size: 64 });
      expect(hex(to.region, 1024, 4)).toBe(taken);
      expect(hex(to.region, 1088, 13)).toBe(`05 00 00 00 00 00 00 00 ${bytes}`);
      const received = to.memory.resolve(fragment.descriptor);
      expect(readParcelSize(received)).toBe(5);
      expect(to.memory.freeFragment(received.descriptor)).toBe(true);
      expect(hex(from.region, 1088, 4)).toBe("00 00 00 00");
      expect(hex(from.region, 1024, 4)).toBe(given);
    }
    expect(stateA.state?.tryLock(SIDE_A)).toBe(true);
    stateA.release();
    expect(hex(b.region, 256, 8)).toBe("ff ff ff ff 13 00 00 00");
    stateB.release();
    expect(hex(b.region, 256, 8)).toBe("fe ff ff ff 13 00 00 00");
    expect(end()).toBe(0);
  });

  it("shares the primary buffer (NLM)", () => {
    const { a, b, end } = linkEnds();
    const fragment = a.memory.allocateFragment(100);
    fragment?.region?.bytes(fragment.descriptor.offset, 4).fill(9);
    const seen = b.memory.resolve(fragment?.descriptor ?? NULL_FRAGMENT);
    expect(seen.region?.loadU32(seen.descriptor.offset)).toBe(0x09090909);
    expect(end()).toBe(0);
  });

  it.each([
    [1, 64],
    [64, 64],
    [65, 256],
    [128, 256],
    [257, 512],
    [513, 1024],
    [1025, 2048],
    [4096, 4096],
  ])("serves %i bytes with a block of %i: rounded up, never below 64 (NLM)", (numBytes, size) => {
    const { a } = linkEnds();
    expect(a.memory.allocateFragment(numBytes)?.descriptor).toMatchObject({ bufferId: 0, size });
  });

  it.each([0, 2 ** 22 + 1, 64 * 2 ** 20, 2 ** 32])(
    "has no fragment of %i bytes (NLM)",
    (numBytes) => {
      const { a } = linkEnds();
      expect(a.memory.allocateFragment(numBytes)).toBeNull();
      expect(a.memory.allocateFragmentBestEffort(0)).toBeNull();
      expect(a.asked).toEqual([]);
    },
  );

  it.each([
    [64, 1483],
    [256, 8],
    [512, 7],
    [1024, 3],
    [2048, 3],
    [4096, 3],
  ])("of fixed capacity has blocks of %i bytes %i times, then none, ever (NLM)", (size, count) => {
    const { a, end } = linkEnds({ fixedCapacity: true });
    const taken = drain(a.memory, size);
    expect(taken).toHaveLength(count);
    expect(taken.every(({ descriptor }) => descriptor.bufferId === PRIMARY_BUFFER)).toBe(true);
    expect(a.asked).toEqual([]);
    expect(a.memory.freeFragment(taken[0]?.descriptor ?? NULL_FRAGMENT)).toBe(true);
    expect(a.memory.allocateFragment(size)?.descriptor).toEqual(taken[0]?.descriptor);
    expect(end()).toBe(0);
  });

  it("of fixed capacity uses what the peer adds", () => {
    const { a, b, deliver } = linkEnds({}, { fixedCapacity: true });
    expect(a.memory.allocateFragment(8192)).toBeNull();
    deliver();
    expect(b.memory.allocateFragment(8192)?.descriptor.bufferId).toBe(1);
  });
});

describe("link memory, blocks of more than 1 MiB", () => {
  const MIB = 2 ** 20;
  const sizeOf = (memory: LinkMemory, numBytes: number) =>
    memory.allocateFragment(numBytes)?.descriptor.size ?? null;

  it("are announced when one is wanted, once, and not used while the peer announces none", () => {
    const { a, deliver, end } = linkEnds({}, { fixedCapacity: true });
    expect([sizeOf(a.memory, MIB + 1), sizeOf(a.memory, MIB + 1)]).toEqual([null, null]);
    deliver();
    expect([sizeOf(a.memory, MIB + 1), sizeOf(a.memory, 3 * MIB)]).toEqual([null, null]);
    expect(a.asked).toEqual([16 * MIB]);
    expect(end()).toBe(0);
  });

  it("are used by both ends once both have announced them, up to 4 MiB", () => {
    const { a, b, deliver, end } = linkEnds();
    expect(sizeOf(a.memory, MIB + 1)).toBeNull();
    deliver();
    expect(b.asked).toEqual([16 * MIB]);
    deliver();
    for (const { memory } of [a, b]) {
      expect(sizeOf(memory, MIB + 1)).toBe(2 * MIB);
      expect(sizeOf(memory, 4 * MIB)).toBeNull();
      expect(sizeOf(memory, 4 * MIB)).toBe(4 * MIB);
      expect(sizeOf(memory, 4 * MIB + 1)).toBeNull();
      expect(memory.allocateFragmentBestEffort(64 * MIB)?.descriptor.size).toBe(4 * MIB);
    }
    deliver();
    expect([a.asked, b.asked]).toEqual([
      [16 * MIB, 32 * MIB],
      [16 * MIB, 32 * MIB],
    ]);
    expect(end()).toBe(0);
  });

  it("are no larger than ours when the peer's are", () => {
    const { a, b, driver, end } = linkEnds();
    const memory = DriverMemory.allocate(driver, 64 * MIB);
    expect(memory && b.memory.addBlockBuffer(9 as BufferId, 8 * MIB, memory)).toBe(true);
    expect(b.asked).toEqual([32 * MIB]);
    expect(sizeOf(b.memory, 4 * MIB + 1)).toBeNull();
    expect(a.asked).toEqual([]);
    expect(end()).toBe(0);
  });

  it("do not serve smaller parcels while the peer may not free them", () => {
    const { a, end } = linkEnds({}, { fixedCapacity: true });
    expect(sizeOf(a.memory, MIB + 1)).toBeNull();
    expect(sizeOf(a.memory, 100_000)).toBeNull();
    expect(sizeOf(a.memory, 100_000)).toBe(131_072);
    expect(end()).toBe(0);
  });

  it("are asked for again when there was no memory for them", () => {
    const source = new SlowSource();
    const { a, end } = linkEnds({ source });
    expect(sizeOf(a.memory, MIB + 1)).toBeNull();
    source.refuse();
    expect(sizeOf(a.memory, MIB + 1)).toBeNull();
    expect(a.asked).toEqual([16 * MIB, 16 * MIB]);
    expect(end()).toBe(0);
  });

  it("come back to their list from the other end", () => {
    const { a, b, deliver, end } = linkEnds();
    expect(sizeOf(a.memory, 2 * MIB)).toBeNull();
    deliver();
    deliver();
    const taken = drain(a.memory, 2 * MIB);
    expect(taken).toHaveLength(14);
    for (const { descriptor } of taken) expect(b.memory.freeFragment(descriptor)).toBe(true);
    expect(drain(b.memory, 2 * MIB)).toHaveLength(14);
    expect(end()).toBe(0);
  });
});

describe("link memory, best effort", () => {
  it.each([
    [4095, null],
    [4096, 4096],
    [5000, 4096],
    [100_000, 4096],
    [2 ** 24, 4096],
  ])("gives for %i bytes what there is: %s", (numBytes, size) => {
    const { a } = linkEnds({ source: new SlowSource() });
    expect(a.memory.allocateFragmentBestEffort(numBytes)?.descriptor.size ?? null).toBe(size);
  });

  it("prefers the ideal size, then the largest below, and asks for more of the ideal", () => {
    const source = new SlowSource();
    const { a, driver } = linkEnds({ source });
    const bestEffort = (numBytes: number) =>
      a.memory.allocateFragmentBestEffort(numBytes)?.descriptor.size;
    expect(bestEffort(60_000)).toBe(4096);
    source.answer(driver);
    expect(bestEffort(60_000)).toBe(65_536);
    expect(bestEffort(2 ** 20)).toBe(65_536);
    expect(a.asked).toEqual([524_288, 8_388_608]);
    source.answer(driver);
    expect(bestEffort(2 ** 20)).toBe(2 ** 20);
    expect(bestEffort(2 ** 24)).toBe(2 ** 20);
  });

  it("profits at once from memory that comes at once", () => {
    const { a } = linkEnds();
    expect(a.memory.allocateFragmentBestEffort(60_000)?.descriptor.size).toBe(65_536);
  });

  it("has nothing when even the smallest are taken", () => {
    const { a } = linkEnds({ fixedCapacity: true });
    drain(a.memory, 4096);
    expect(a.memory.allocateFragmentBestEffort(2 ** 20)).toBeNull();
  });
});

describe("link memory, ids", () => {
  it("draws from counters that both ends share", () => {
    const { a, b } = linkEnds();
    expect(a.memory.newSublinks(1)).toBe(12);
    expect(b.memory.newSublinks(2)).toBe(13);
    expect(a.memory.newSublinks(1)).toBe(15);
    expect(hex(a.region, 0, 16)).toBe("01 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00");
  });

  it("with MEM_V2 leaves the shared counters alone, and side B has the high bit", () => {
    const { a, b } = linkEnds({ memV2: true });
    expect(a.memory.newSublinks(2)).toBe(12);
    expect(a.memory.newSublinks(1)).toBe(14);
    expect(b.memory.newSublinks(2)).toBe(2 ** 52 + 12);
    expect(b.memory.newSublinks(1)).toBe(2 ** 52 + 14);
    a.memory.allocateFragment(8192);
    b.memory.allocateFragment(8192);
    expect([a.sent[0]?.id, b.sent[0]?.id]).toEqual([1, 2 ** 52 + 1]);
    expect(hex(a.region, 0, 16)).toBe("01 00 00 00 00 00 00 00 0c 00 00 00 00 00 00 00");
  });

  it("has none when the peer has spoilt the counter", () => {
    const { a, driver, end } = linkEnds();
    a.region.storeLong(8, 1n << 52n);
    expect(a.memory.newSublinks(1)).toBeNull();
    a.region.storeLong(0, (1n << 64n) - 1n);
    expect(a.memory.allocateFragment(8192)).toBeNull();
    a.region.storeLong(0, 0n);
    expect(a.memory.allocateFragment(8192)).toBeNull();
    expect(a.sent).toEqual([]);
    expect(driver.liveCount).toBe(2);
    expect(end()).toBe(0);
  });
});

/** Two ends, and memory that A might announce to B. */
function announced(numBytes: number) {
  const ends = linkEnds();
  const memory = DriverMemory.allocate(ends.driver, numBytes);
  if (!memory) throw new Error("no memory");
  return { ...ends, memory };
}

describe("link memory, buffers of the peer", () => {
  it.each([
    ["64-byte blocks", 64, 65_536, true],
    ["8 blocks", 8192, 65_536, true],
    ["8 blocks and a rest", 8192, 65_536 + 100, true],
    ["32767 blocks", 64, 32_767 * 64, true],
    ["7 blocks", 8192, 65_535, false],
    ["32768 blocks", 64, 32_768 * 64, false],
    ["blocks of 32 bytes", 32, 65_536, false],
    ["blocks of 96 bytes", 96, 65_536, false],
    ["blocks of no bytes", 0, 65_536, false],
    ["blocks of 2^31 bytes", 2 ** 31, 65_536, false],
    ["blocks of 2^32-1 bytes", 2 ** 32 - 1, 65_536, false],
  ])(
    "takes a buffer of %s: block size %i, %i bytes: %s",
    (_name, blockSize, numBytes, accepted) => {
      const { b, memory, end } = announced(numBytes);
      expect(b.memory.addBlockBuffer(7 as BufferId, blockSize, memory)).toBe(accepted);
      expect(b.memory.resolve({ bufferId: 7 as BufferId, offset: 0, size: 1 }).isPending).toBe(
        !accepted,
      );
      expect(end()).toBe(0);
    },
  );

  it.each([
    ["that is the primary buffer's", 0],
    ["that means none", -1],
    ["that is taken", 5],
  ])("rejects an id %s", (_name, id) => {
    const { b, driver, memory, end } = announced(65_536);
    const first = DriverMemory.allocate(driver, 65_536);
    expect(first && b.memory.addBlockBuffer(5 as BufferId, 64, first)).toBe(true);
    expect(b.memory.addBlockBuffer(id as BufferId, 64, memory)).toBe(false);
    expect(end()).toBe(0);
  });

  it("rejects memory that does not map", () => {
    const { b, driver, memory, end } = announced(65_536);
    driver.failing.add("MapSharedMemory");
    expect(b.memory.addBlockBuffer(5 as BufferId, 64, memory)).toBe(false);
    expect(end()).toBe(0);
  });

  it("closes a buffer that comes after the link is closed, and blames nobody", () => {
    const { b, memory, end } = announced(65_536);
    b.memory.close();
    expect(b.memory.addBlockBuffer(5 as BufferId, 64, memory)).toBe(true);
    expect(end()).toBe(0);
  });

  it("releases who waited, in order, and drops them when the link closes", () => {
    const { b, memory, end } = announced(65_536);
    const calls: string[] = [];
    const wait = (id: number, name: string) =>
      b.memory.whenBuffer(id as BufferId, (arrived) => calls.push(`${name} ${arrived}`));
    wait(5, "one");
    wait(6, "never");
    wait(5, "two");
    b.memory.addBlockBuffer(5 as BufferId, 64, memory);
    expect(calls).toEqual(["one true", "two true"]);
    b.memory.close();
    wait(6, "late");
    expect(calls.slice(2)).toEqual(["never false", "late false"]);
    expect(end()).toBe(0);
  });
});

describe("link memory, lifetime", () => {
  it("stays mapped for the users of fragments, and no longer", () => {
    const { a, driver, end } = linkEnds();
    const fragment = a.memory.allocateFragment(100);
    a.memory.retain();
    a.memory.retain();
    a.memory.close();
    a.memory.close();
    expect(driver.liveCount).toBe(2);
    expect(fragment && readParcelSize(fragment)).not.toBeNull();
    expect(a.memory.freeFragment(fragment?.descriptor ?? NULL_FRAGMENT)).toBe(true);
    a.memory.release();
    expect(driver.liveCount).toBe(2);
    a.memory.release();
    expect(driver.liveCount).toBe(1);
    expect(end()).toBe(0);
  });

  it("is kept by an open link without users", () => {
    const { a, driver } = linkEnds();
    a.memory.retain();
    a.memory.release();
    expect(driver.liveCount).toBe(2);
    expect(() => {
      a.memory.release();
    }).toThrow("released as often as retained");
  });

  it.each(["AllocateSharedMemory", "MapSharedMemory"])(
    "has no primary buffer when %s fails",
    (call) => {
      const driver = new MockDriver();
      driver.failing.add(call);
      expect(LinkMemory.createPrimary(driver)).toBeNull();
      expect(driver.liveCount).toBe(0);
    },
  );

  it.each([
    [131_071, 0],
    [131_072, 1],
    [131_080, 1],
  ])("of %i bytes from the peer gives %i mapping", (numBytes, count) => {
    const driver = new MockDriver();
    const memory = DriverMemory.allocate(driver, numBytes);
    const mapping = memory && LinkMemory.adoptPrimary(memory);
    expect(driver.liveCount).toBe(count);
    expect(mapping === null).toBe(count === 0);
  });
});
