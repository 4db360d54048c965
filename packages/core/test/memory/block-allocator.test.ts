import { describe, expect, it } from "vitest";
import {
  BlockAllocator,
  BLOCKS_MAX,
  isValidSpan,
  NO_BLOCK,
} from "../../src/memory/block-allocator.ts";
import { Region } from "../../src/memory/region.ts";
import { hex, seededRandom } from "./support.ts";

function setup(blockCount = 8, blockSize = 64, offset = 0) {
  const region = new Region(new Uint8Array(new ArrayBuffer(offset + blockCount * blockSize)));
  const allocator = new BlockAllocator(region, { offset, size: blockCount * blockSize, blockSize });
  allocator.initialise();
  return { region, allocator };
}

function drain(allocator: BlockAllocator): number[] {
  const taken: number[] = [];
  for (let block = allocator.allocate(); block !== NO_BLOCK; block = allocator.allocate())
    taken.push(block);
  return taken;
}

describe("block allocator", () => {
  it.each([
    [1484, 64, "00 00 34 fa"],
    [9, 256, "00 00 f7 ff"],
    [8, 512, "00 00 f8 ff"],
    [4, 4096, "00 00 fc ff"],
    [BLOCKS_MAX, 64, "00 00 01 80"],
  ])("of %i blocks of %i bytes starts as zeros with one word in the last block", (n, b, word) => {
    const { region } = setup(n, b);
    expect(hex(region, (n - 1) * b, 4)).toBe(word);
    region.store((n - 1) * b, 0);
    expect(region.bytes(0, region.size).every((byte) => byte === 0)).toBe(true);
  });

  it("follows the recorded trace of one block used twice (spec: wire 4.2)", () => {
    const { region, allocator } = setup(1484, 64, 1024);
    const head = [hex(region, 1024, 4)];
    for (let round = 0; round < 2; round++) {
      expect(allocator.allocate()).toBe(1088);
      head.push(hex(region, 1024, 4));
      expect(allocator.free(1088)).toBe(true);
      head.push(hex(region, 1024, 4));
    }
    expect(head).toEqual([
      "00 00 00 00",
      "01 00 01 00",
      "02 00 00 00",
      "03 00 01 00",
      "04 00 00 00",
    ]);
    expect(hex(region, 1088, 4)).toBe("00 00 00 00");
  });

  it("links block 2 back to block 1 with the recorded word (spec: wire 4.2)", () => {
    const { region, allocator } = setup();
    expect([allocator.allocate(), allocator.allocate()]).toEqual([64, 128]);
    allocator.free(64);
    allocator.free(128);
    expect(hex(region, 128, 4)).toBe("00 00 fe ff");
    expect([allocator.allocate(), allocator.allocate(), allocator.allocate()]).toEqual([
      128, 64, 192,
    ]);
  });

  it("hands out every block but the first, then none, and all again when they are back", () => {
    const { allocator } = setup(8, 64, 128);
    const blocks = drain(allocator);
    expect(blocks).toEqual([192, 256, 320, 384, 448, 512, 576]);
    expect(allocator.capacity).toBe(7 * 64);
    expect(allocator.allocate()).toBe(NO_BLOCK);
    for (const block of blocks) expect(allocator.free(block)).toBe(true);
    expect(drain(allocator)).toEqual(blocks.toReversed());
  });

  it("has nothing to give with a single block", () => {
    const { region, allocator } = setup(1);
    expect(hex(region, 0, 4)).toBe("00 00 ff ff");
    expect(allocator.allocate()).toBe(NO_BLOCK);
  });

  it("knows how many of its blocks are free", () => {
    const { allocator } = setup();
    const counts = [allocator.countFree()];
    const blocks = drain(allocator);
    counts.push(allocator.countFree());
    for (const block of blocks.slice(0, 3)) allocator.free(block);
    expect([...counts, allocator.countFree(), allocator.count]).toEqual([7, 0, 3, 7]);
  });

  it("counts versions modulo 2^16", () => {
    const { region, allocator } = setup();
    region.store(0, 0xffff);
    allocator.allocate();
    expect(hex(region, 0, 4)).toBe("00 00 01 00");
  });

  it("serves all of the largest region", () => {
    const { allocator } = setup(BLOCKS_MAX, 64);
    const blocks = drain(allocator);
    expect(new Set(blocks).size).toBe(BLOCKS_MAX - 1);
    for (const block of blocks) expect(allocator.free(block)).toBe(true);
    expect(drain(allocator)).toHaveLength(BLOCKS_MAX - 1);
  });

  it.each([
    ["the head", 128],
    ["before the region", 64],
    ["past the end", 128 + 8 * 64],
    ["far past the end", 128 + 65_537 * 64],
  ])("frees no block at %s", (_name, place) => {
    const { allocator } = setup(8, 64, 128);
    const blocks = drain(allocator);
    expect(allocator.free(place)).toBe(false);
    expect(allocator.allocate()).toBe(NO_BLOCK);
    expect(blocks).toHaveLength(7);
  });

  it("frees a block by any offset inside it, as the C library does", () => {
    const { allocator } = setup();
    drain(allocator);
    expect(allocator.free(3 * 64 + 17)).toBe(true);
    expect(allocator.allocate()).toBe(3 * 64);
  });
});

describe("block span", () => {
  const region = new Region(new Uint8Array(new ArrayBuffer(4096)));

  it.each([
    [{ offset: 0, size: 4096, blockSize: 64 }, true],
    [{ offset: 4032, size: 64, blockSize: 64 }, true],
    [{ offset: 0, size: 4097, blockSize: 64 }, false],
    [{ offset: 4096, size: 64, blockSize: 64 }, false],
    [{ offset: 4100, size: 0, blockSize: 64 }, false],
    [{ offset: 4, size: 1024, blockSize: 64 }, false],
    [{ offset: 0, size: 4096, blockSize: 96 }, false],
    [{ offset: 0, size: 4096, blockSize: 4 }, false],
    [{ offset: 0, size: 4096, blockSize: 0 }, false],
    [{ offset: 0, size: 4096, blockSize: 8192 }, false],
  ])("%o is valid: %s", (span, expected) => {
    expect(isValidSpan(region, span)).toBe(expected);
  });

  it("has at most 32767 blocks", () => {
    const large = new Region(new Uint8Array(new ArrayBuffer((BLOCKS_MAX + 1) * 8)));
    expect(isValidSpan(large, { offset: 0, size: BLOCKS_MAX * 8, blockSize: 8 })).toBe(true);
    expect(isValidSpan(large, { offset: 0, size: (BLOCKS_MAX + 1) * 8, blockSize: 8 })).toBe(false);
  });
});

describe("block allocator against a hostile peer", () => {
  /** Runs `meddle` before every access to a shared word. */
  class MeddledRegion extends Region {
    meddle: (() => void) | null = null;

    override load(offset: number): number {
      this.meddle?.();
      return super.load(offset);
    }

    override compareExchange(offset: number, expected: number, replacement: number): number {
      this.meddle?.();
      return super.compareExchange(offset, expected, replacement);
    }
  }

  it.each([
    ["head points past the end", 0, 0x7fff0000],
    ["head points before the start", 0, 0x80000000 | 0],
    ["first block points past the end", 64, 0x7fff0000],
    ["first block points before the start", 64, 0x80000000 | 0],
  ])("has no block when its %s", (_name, place, word) => {
    const { region, allocator } = setup();
    region.store(place, word);
    expect(allocator.allocate()).toBe(NO_BLOCK);
  });

  it("does not free into a list whose head is broken", () => {
    const { region, allocator } = setup();
    allocator.allocate();
    region.store(0, 0x7fff0000);
    expect(allocator.free(64)).toBe(false);
  });

  it("counts free blocks as far as the list makes sense, and a ring once", () => {
    const { region, allocator } = setup();
    region.store(2 * 64, 0x7fff0000);
    expect(allocator.countFree()).toBe(2);
    region.store(2 * 64, -2 << 16);
    expect(allocator.countFree()).toBe(7);
  });

  it("takes another block when the word it read belongs to a new owner already", () => {
    const region = new MeddledRegion(new Uint8Array(new ArrayBuffer(512)));
    const span = { offset: 0, size: 512, blockSize: 64 };
    const ours = new BlockAllocator(region, span);
    ours.initialise();
    let loads = 0;
    region.meddle = () => {
      if (++loads !== 2) return;
      region.meddle = null;
      expect(new BlockAllocator(region, span).allocate()).toBe(64);
      region.store(64, 0x7fff7fff);
    };
    expect(ours.allocate()).toBe(128);
  });

  it("gives up on a head that changes at every look", () => {
    const region = new MeddledRegion(new Uint8Array(new ArrayBuffer(512)));
    const allocator = new BlockAllocator(region, { offset: 0, size: 512, blockSize: 64 });
    allocator.initialise();
    region.meddle = () => region.add(0, 1);
    expect(allocator.allocate()).toBe(NO_BLOCK);
    expect(allocator.free(64)).toBe(false);
  });

  it("stays inside its region whatever is in the headers (seeded)", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seededRandom(seed);
      const region = new MeddledRegion(new Uint8Array(new ArrayBuffer(1024 + 16 * 64 + 64)));
      const span = { offset: 1024, size: 16 * 64, blockSize: 64 };
      const allocator = new BlockAllocator(region, span);
      allocator.initialise();
      const scribble = () => {
        region.store(1024 + random(16) * 64, random(2) ? random(2 ** 32) | 0 : random(32) << 16);
      };
      region.meddle = () => {
        if (random(8) === 0) scribble();
      };
      for (let step = 0; step < 200; step++) {
        scribble();
        if (random(2) === 0) allocator.free(1024 + random(17 * 64));
        const block = allocator.allocate();
        const inside = block === NO_BLOCK || (block > 1024 && block < 1024 + 16 * 64);
        expect(inside && (block === NO_BLOCK || block % 64 === 0), `seed ${seed}`).toBe(true);
      }
      expect(
        region.bytes(0, 1024).every((byte) => byte === 0),
        `seed ${seed}`,
      ).toBe(true);
      expect(
        region.bytes(1024 + 1024, 64).every((byte) => byte === 0),
        `seed ${seed}`,
      ).toBe(true);
    }
  });
});
