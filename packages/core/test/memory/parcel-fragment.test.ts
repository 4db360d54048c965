import { describe, expect, it } from "vitest";
import { Fragment, NO_FRAGMENT } from "../../src/memory/fragment.ts";
import {
  parcelBytes,
  PARCEL_HEADER_BYTES,
  readParcelSize,
  writeParcelSize,
} from "../../src/memory/parcel-fragment.ts";
import { Region } from "../../src/memory/region.ts";
import type { BufferId } from "../../src/wire/ids.ts";
import { hex } from "./support.ts";

function fragmentAt(offset: number, size: number, region: Region | null = regionOf()) {
  return new Fragment({ bufferId: 1 as BufferId, offset, size }, region);
}

const regionOf = () => new Region(new Uint8Array(new SharedArrayBuffer(256)));

describe("parcel fragment", () => {
  it("has the recorded bytes (spec: wire 7.1)", () => {
    const fragment = fragmentAt(64, 64);
    const region = fragment.region as Region;
    region.bytes(64, 8).fill(0xff);
    parcelBytes(fragment).set(new TextEncoder().encode("hello"));
    writeParcelSize(fragment, 5);
    expect(hex(region, 64, 13)).toBe("05 00 00 00 00 00 00 00 68 65 6c 6c 6f");
    expect(readParcelSize(fragment)).toBe(5);
    expect(parcelBytes(fragment).length).toBe(64 - PARCEL_HEADER_BYTES);
  });

  it.each([
    [0, 0],
    [56, 56],
    [57, null],
    [0x7fffffff, null],
    [-1, null],
  ])("with size word %i in a block of 64 holds %s bytes", (word, expected) => {
    const fragment = fragmentAt(128, 64);
    fragment.region?.store(128, word);
    expect(readParcelSize(fragment)).toBe(expected);
  });

  it.each([
    ["is not 8-aligned", fragmentAt(4, 64)],
    ["has no room beside its header", fragmentAt(8, 8)],
    ["has less than a header", fragmentAt(8, 4)],
    ["is empty", fragmentAt(8, 0)],
    ["is pending", fragmentAt(8, 64, null)],
    ["is null", NO_FRAGMENT],
  ])("holds no parcel when it %s", (_name, fragment) => {
    expect(readParcelSize(fragment)).toBeNull();
  });

  it("may end at the end of its buffer", () => {
    expect(readParcelSize(fragmentAt(248, 8))).toBeNull();
    expect(readParcelSize(fragmentAt(240, 16))).toBe(0);
  });

  it("reads the size word once", () => {
    let reads = 0;
    class CountedRegion extends Region {
      override loadU32(offset: number): number {
        reads++;
        return super.loadU32(offset);
      }
    }
    const region = new CountedRegion(new Uint8Array(new SharedArrayBuffer(64)));
    expect(readParcelSize(fragmentAt(0, 64, region))).toBe(0);
    expect(reads).toBe(1);
  });
});
