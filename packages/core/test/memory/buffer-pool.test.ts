import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { DriverMapping } from "../../src/driver/driver-memory.ts";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { BlockAllocator, type BlockSpan } from "../../src/memory/block-allocator.ts";
import { BufferPool } from "../../src/memory/buffer-pool.ts";
import { Region } from "../../src/memory/region.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { type BufferId, NO_BUFFER } from "../../src/wire/ids.ts";
import { MockDriver } from "../driver/mock-driver.ts";

const id = (value: number) => value as BufferId;
const BLOCK_BYTES_MAX = 2 ** 20;

function buffer(spans: readonly BlockSpan[], numBytes = 1024, driver = new MockDriver()) {
  const bytes = new Uint8Array(new ArrayBuffer(numBytes));
  const mapping = new DriverMapping(
    new DriverObject(driver, driver.make({ kind: "mapping" })),
    bytes,
  );
  const region = new Region(bytes);
  return { mapping, region, spans };
}

/** A buffer of `numBytes`, all of it initialised blocks of `blockSize`. */
function blocks(blockSize: number, numBytes = 1024, driver = new MockDriver()) {
  const made = buffer([{ offset: 0, size: numBytes, blockSize }], numBytes, driver);
  for (const span of made.spans) new BlockAllocator(made.region, span).initialise();
  return made;
}

describe("buffer pool", () => {
  it.each<[string, number, BlockSpan[]]>([
    ["an id that is taken", 1, []],
    ["the id that means none", NO_BUFFER, []],
    ["a span outside the mapping", 2, [{ offset: 512, size: 1024, blockSize: 64 }]],
    ["an odd block size", 2, [{ offset: 0, size: 1024, blockSize: 96 }]],
    [
      "two spans of one block size",
      2,
      [
        { offset: 0, size: 512, blockSize: 64 },
        { offset: 512, size: 512, blockSize: 64 },
      ],
    ],
  ])("refuses %s, and changes nothing", (_name, second, spans) => {
    const pool = new BufferPool();
    expect(pool.add(id(1), blocks(64))).toBe(true);
    expect(pool.add(id(second), buffer(spans))).toBe(false);
    expect([pool.bufferCount, pool.capacityOf(64)]).toEqual([1, 15 * 64]);
  });

  it("resolves null to null, an unknown buffer to pending, the rest by bounds", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(64));
    const resolve = (bufferId: number, offset: number, size: number) =>
      pool.resolve({ bufferId: id(bufferId), offset, size });
    expect(pool.resolve(NULL_FRAGMENT).isNull).toBe(true);
    expect(resolve(2, 0xffffffff, 0xffffffff).isPending).toBe(true);
    expect(resolve(1, 0, 1024).isAddressable).toBe(true);
    expect(resolve(1, 1023, 1).isAddressable).toBe(true);
    expect(resolve(1, 1024, 0).isAddressable).toBe(true);
    expect(resolve(1, 1, 1024).isNull).toBe(true);
    expect(resolve(1, 1025, 0).isNull).toBe(true);
    expect(resolve(1, 0xffffffff, 0xffffffff).isNull).toBe(true);
  });

  it("serves a size from the next larger pool, with the block's real size", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(256));
    const fragment = pool.allocate(128, BLOCK_BYTES_MAX);
    expect(fragment?.descriptor).toEqual({ bufferId: 1, offset: 256, size: 256 });
    expect(fragment?.isAddressable).toBe(true);
    expect(pool.allocate(512, BLOCK_BYTES_MAX)).toBeNull();
  });

  it("serves no block of more bytes than are allowed", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(256));
    expect(pool.allocate(64, 128)).toBeNull();
    expect(pool.allocate(512, 256)).toBeNull();
    expect(pool.allocate(64, 256)?.descriptor.size).toBe(256);
  });

  it("does not try larger pools when that one is empty", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(256));
    pool.add(id(2), blocks(512));
    for (let count = 0; count < 3; count++)
      expect(pool.allocate(200, BLOCK_BYTES_MAX)).not.toBeNull();
    expect(pool.allocate(200, BLOCK_BYTES_MAX)).toBeNull();
    expect(pool.allocate(512, BLOCK_BYTES_MAX)).not.toBeNull();
  });

  it("takes from all buffers of a size, first from the one that had a block last", () => {
    const pool = new BufferPool();
    for (const buffers of [1, 2, 3]) pool.add(id(buffers), blocks(256));
    const taken = Array.from({ length: 9 }, () => pool.allocate(256, BLOCK_BYTES_MAX)?.descriptor);
    expect(taken.map((descriptor) => descriptor?.bufferId)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(pool.allocate(256, BLOCK_BYTES_MAX)).toBeNull();
    expect(taken[0] && pool.free(taken[0])).toBe(true);
    expect(taken[8] && pool.free(taken[8])).toBe(true);
    expect(pool.allocate(256, BLOCK_BYTES_MAX)?.descriptor.bufferId).toBe(3);
    expect(pool.allocate(256, BLOCK_BYTES_MAX)?.descriptor.bufferId).toBe(1);
  });

  it("frees by exact size and buffer only", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(64));
    const fragment = pool.allocate(64, BLOCK_BYTES_MAX);
    const descriptor = fragment?.descriptor ?? NULL_FRAGMENT;
    expect(pool.free({ ...descriptor, size: 63 })).toBe(false);
    expect(pool.free({ ...descriptor, size: 128 })).toBe(false);
    expect(pool.free({ ...descriptor, size: 0 })).toBe(false);
    expect(pool.free({ ...descriptor, bufferId: id(2) })).toBe(false);
    expect(pool.free(NULL_FRAGMENT)).toBe(false);
    expect(pool.free({ ...descriptor, offset: 1024 })).toBe(false);
    expect(pool.free(descriptor)).toBe(true);
  });

  it("counts capacity per exact size, used or not", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(64));
    pool.add(id(2), blocks(64));
    pool.allocate(64, BLOCK_BYTES_MAX);
    expect([pool.capacityOf(64), pool.capacityOf(128)]).toEqual([2 * 15 * 64, 0]);
  });

  it("calls back in order when a buffer arrives, and at once when it is there", () => {
    const pool = new BufferPool();
    const calls: string[] = [];
    const wait = (bufferId: number, name: string) =>
      pool.whenBuffer(id(bufferId), (arrived) => calls.push(`${name} ${arrived}`));
    wait(1, "first");
    wait(2, "other");
    wait(1, "second");
    expect(calls).toEqual([]);
    pool.add(id(1), blocks(64));
    expect(calls).toEqual(["first true", "second true"]);
    wait(1, "third");
    pool.dropWaiters();
    expect(calls.slice(2)).toEqual(["third true", "other false"]);
  });

  it(`keeps ${Limits.bufferWaitersMax} waiters, not one more, and has room again when some are called`, () => {
    const pool = new BufferPool();
    let called = 0;
    const wait = (bufferId: number) => pool.whenBuffer(id(bufferId), () => called++);
    for (let count = 1; count < Limits.bufferWaitersMax; count++) wait(1);
    expect(wait(2)).toBe(true);
    expect(wait(2)).toBe(false);
    expect(wait(1)).toBe(false);
    pool.add(id(2), blocks(64));
    expect(called).toBe(1);
    expect(wait(3)).toBe(true);
    expect(wait(3)).toBe(false);
  });

  it(`keeps ${Limits.buffersMax} buffers, not one more`, () => {
    const pool = new BufferPool();
    const driver = new MockDriver();
    for (let count = 0; count < Limits.buffersMax; count++)
      expect(pool.add(id(count), blocks(64, 512, driver))).toBe(true);
    expect(pool.add(id(Limits.buffersMax), blocks(64, 512, driver))).toBe(false);
    expect(driver.liveCount).toBe(Limits.buffersMax + 1);
    pool.unmap();
    expect(driver.liveCount).toBe(1);
  });

  it("knows no buffer any more once unmapped", () => {
    const pool = new BufferPool();
    pool.add(id(1), blocks(64));
    const descriptor = pool.allocate(64, BLOCK_BYTES_MAX)?.descriptor ?? NULL_FRAGMENT;
    pool.unmap();
    expect(pool.resolve(descriptor).isPending).toBe(true);
    expect(pool.free(descriptor)).toBe(false);
    expect(pool.allocate(64, BLOCK_BYTES_MAX)).toBeNull();
  });
});
