import { describe, expect, it } from "vitest";
import { Growth } from "../../src/memory/growth.ts";
import { LinkMemory } from "../../src/memory/link-memory.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { SIDE_A } from "../../src/wire/ids.ts";
import { MockDriver } from "../driver/mock-driver.ts";
import { drain, linkEnds, SlowSource } from "./link-ends.ts";

describe("link memory, growth", () => {
  it.each([
    [64, 65_536, 1023],
    [256, 65_536, 255],
    [4096, 65_536, 15],
    [8192, 65_536, 7],
    [16_384, 131_072, 7],
    [32_768, 262_144, 7],
    [131_072, 1_048_576, 7],
    [524_288, 4_194_304, 7],
    [1_048_576, 8_388_608, 7],
  ])(
    "asks for %i-byte blocks with a buffer of %i bytes, %i blocks (NLM)",
    (size, numBytes, count) => {
      const source = new SlowSource();
      const { a, b, driver, deliver, end } = linkEnds({ source });
      const before = drain(a.memory, size).length;
      expect(source.requests.map((request) => request.numBytes)).toEqual([numBytes]);
      source.answer(driver);
      expect(a.sent).toMatchObject([{ id: 1, blockSize: size }]);
      deliver();
      const grown = drain(a.memory, size);
      expect([before > 0, grown.length]).toEqual([size <= 4096, count]);
      for (const { descriptor } of grown) {
        expect(b.memory.resolve(descriptor).isAddressable).toBe(true);
        expect(b.memory.freeFragment(descriptor)).toBe(true);
      }
      expect(drain(a.memory, size)).toHaveLength(count);
      source.refuse();
      expect(end()).toBe(0);
    },
  );

  it("announces a buffer before it uses it, initialised", () => {
    const seen: unknown[] = [];
    const { a } = linkEnds({
      onAnnounce: ({ id, memory }) => {
        const bytes = memory.map()?.bytes ?? new Uint8Array();
        seen.push(a.memory.resolve({ bufferId: id, offset: 0, size: 0 }).isPending);
        seen.push(a.memory.allocateFragment(8192), [...bytes.subarray(57_344, 57_348)]);
      },
    });
    a.memory.allocateFragment(8192);
    expect(seen).toEqual([true, null, [0, 0, 0xf8, 0xff]]);
    expect(a.asked).toHaveLength(1);
    expect(a.memory.allocateFragment(8192)?.descriptor).toMatchObject({
      bufferId: 1,
      offset: 8192,
    });
  });

  it("asks for nothing more when the first answer has ended the link", () => {
    const asked: number[] = [];
    const source = {
      request(numBytes: number): void {
        asked.push(numBytes);
        growth.close();
      },
    };
    const growth = new Growth(source, { adoptGrowth: () => true, afterGrowth: () => {} });
    growth.request(8192);
    growth.request(16_384);
    expect(asked, "the link cannot carry messages yet").toEqual([]);
    growth.activate();
    expect(asked).toEqual([65_536]);
  });

  it("joins a request that is pending, per block size", () => {
    const source = new SlowSource();
    const { a } = linkEnds({ source });
    for (const size of [8192, 8000, 16_384, 8192]) a.memory.allocateFragment(size);
    expect(a.asked).toEqual([65_536, 131_072]);
  });

  it("asks again after a refusal", () => {
    const source = new SlowSource();
    const { a, driver } = linkEnds({ source });
    a.memory.allocateFragment(8192);
    source.refuse();
    a.memory.allocateFragment(8192);
    expect(a.asked).toEqual([65_536, 65_536]);
    source.answer(driver);
    expect(a.memory.allocateFragment(8192)).not.toBeNull();
  });

  it("stops at 2 MiB of one block size, in use or not (NLM)", () => {
    const { a, end } = linkEnds();
    for (let idle = 0; idle < 3;) idle = drain(a.memory, 65_536).length === 0 ? idle + 1 : 0;
    // Each buffer holds 7 usable blocks; the fifth takes the capacity past 2 MiB.
    expect(a.sent).toHaveLength(5);
    expect(end()).toBe(0);
  });

  it("never grows a size for which the primary buffer is enough", () => {
    const { a } = linkEnds();
    for (let round = 0; round < 1000; round++) {
      const fragment = a.memory.allocateFragment(300);
      expect(a.memory.freeFragment(fragment?.descriptor ?? NULL_FRAGMENT)).toBe(true);
    }
    expect(a.asked).toEqual([]);
  });

  it.each([
    ["too small", 65_535, 8192],
    ["of more than 32767 blocks", 32_768 * 64, 64],
  ])("closes memory that is %s", (_name, numBytes, size) => {
    const source = new SlowSource();
    const { a, driver, end } = linkEnds({ source });
    drain(a.memory, size);
    source.answer(driver, numBytes);
    expect([a.sent.length, driver.liveCount]).toEqual([0, 2]);
    expect(end()).toBe(0);
  });

  it("closes memory that does not map", () => {
    const { a, driver, end } = linkEnds();
    driver.failing.add("MapSharedMemory");
    expect(a.memory.allocateFragment(8192)).toBeNull();
    expect([a.sent.length, driver.liveCount]).toEqual([0, 2]);
    expect(end()).toBe(0);
  });

  it("closes memory that comes after the link is closed", () => {
    const source = new SlowSource();
    const { a, driver, end } = linkEnds({ source });
    a.memory.allocateFragment(8192);
    a.memory.close();
    source.answer(driver);
    expect(a.sent).toEqual([]);
    expect(a.memory.allocateFragment(64)).toBeNull();
    expect(a.memory.newSublinks(1)).toBeNull();
    expect(end()).toBe(0);
  });

  it("survives a link that is closed while it announces", () => {
    const { a, driver, end } = linkEnds({
      onAnnounce: () => {
        a.memory.close();
      },
    });
    expect(a.memory.allocateFragment(8192)).toBeNull();
    expect(driver.liveCount).toBe(2);
    expect(end()).toBe(0);
  });

  it("asked for before activation, is carried out by it", () => {
    const driver = new MockDriver();
    const primary = LinkMemory.createPrimary(driver);
    if (!primary) throw new Error("no primary buffer");
    const sent: number[] = [];
    const source = new SlowSource();
    const memory = new LinkMemory({
      side: SIDE_A,
      memV2: false,
      fixedCapacity: false,
      primary: primary.mapping,
      source,
      announce: (_id, blockSize, buffer) => {
        sent.push(blockSize);
        buffer.close();
      },
    });
    for (const size of [8192, 16_384, 8192]) memory.allocateFragment(size);
    expect(source.requests).toEqual([]);
    memory.activate();
    memory.activate();
    expect(source.requests.map(({ numBytes }) => numBytes)).toEqual([65_536, 131_072]);
    source.answer(driver);
    source.answer(driver);
    expect(sent).toEqual([8192, 16_384]);
    expect(memory.allocateFragment(16_384)).not.toBeNull();
    primary.memory.close();
    memory.close();
    expect(driver.liveCount).toBe(0);
  });
});
