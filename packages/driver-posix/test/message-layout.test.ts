import { describe, expect, test } from "vitest";
import { darwinMessageLayout } from "../src/darwin/message-layout.ts";
import { sharedMemoryName } from "../src/darwin/platform.ts";
import { linuxMessageLayout } from "../src/linux/message-layout.ts";
import { controlLength, controlSpace, readRights, writeRights } from "../src/message-layout.ts";

const layouts = [
  ["linux", linuxMessageLayout, 1],
  ["darwin", darwinMessageLayout, 0xffff],
] as const;

describe.each(layouts)("control messages (%s)", (_name, layout, level) => {
  test.each([0, 1, 2, 3, 64])("carry %i descriptors there and back", (count) => {
    const numbers = Array.from({ length: count }, (_, index) => 100 + index);
    const view = new DataView(new ArrayBuffer(512));
    const space = writeRights(layout, view, 8, level, numbers);
    const read: number[] = [];
    readRights(layout, view, 8, space, level, read);
    expect(read).toEqual(numbers);
  });

  test("are read one after the other, and foreign ones skipped", () => {
    const view = new DataView(new ArrayBuffer(512));
    let at = writeRights(layout, view, 0, level, [1, 2, 3]);
    const foreign = at;
    at += writeRights(layout, view, at, level, [9]);
    view.setInt32(foreign + layout.controlType, 2, true);
    at += writeRights(layout, view, at, level, [4]);
    const read: number[] = [];
    readRights(layout, view, 0, at, level, read);
    expect(read).toEqual([1, 2, 3, 4]);
  });

  test("that claim more than there is, or less than a header, do not lead astray", () => {
    const view = new DataView(new ArrayBuffer(512));
    const space = writeRights(layout, view, 0, level, [1, 2]);
    view.setUint32(0, 4000, true);
    const read: number[] = [];
    readRights(layout, view, 0, space, level, read);
    expect(read.slice(0, 2)).toEqual([1, 2]);
    expect(read.length).toBeLessThanOrEqual(3);
    view.setUint32(0, 3, true);
    read.length = 0;
    readRights(layout, view, 0, space, level, read);
    expect(read).toEqual([]);
  });
});

describe("sizes", () => {
  test("on Linux: CMSG_LEN and CMSG_SPACE are aligned to 8 (measured with a C compiler)", () => {
    expect([0, 1, 2, 3].map((n) => controlLength(linuxMessageLayout, n))).toEqual([16, 20, 24, 28]);
    expect([0, 1, 2, 3].map((n) => controlSpace(linuxMessageLayout, n))).toEqual([16, 24, 24, 32]);
  });

  test("on macOS: a header of 12 bytes, aligned to 4", () => {
    expect([0, 1, 2].map((n) => controlLength(darwinMessageLayout, n))).toEqual([12, 16, 20]);
    expect([0, 1, 2].map((n) => controlSpace(darwinMessageLayout, n))).toEqual([12, 16, 20]);
  });

  test("of macOS's msghdr: fields one after the other, lengths of 4 bytes", () => {
    const { headerBytes, vectors, vectorCount, control, controlBytes, flags } = darwinMessageLayout;
    expect([vectors, vectorCount, control, controlBytes, flags, headerBytes]).toEqual([
      16, 24, 32, 40, 44, 48,
    ]);
  });

  test("of a shared memory name on macOS: at most 31 bytes, and never twice", () => {
    const names = new Set(Array.from({ length: 100 }, sharedMemoryName));
    expect(names.size).toBe(100);
    for (const name of names) expect(name).toMatch(/^\/ipcz\.[0-9a-f]{20}$/);
  });
});
