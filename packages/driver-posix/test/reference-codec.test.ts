import type { MemoryDescription } from "@ipcz/mojo-codec";
import { describe, expect, test } from "vitest";
import { FrameMark, type FrameHeader } from "../src/codec.ts";
import { unknownPeer } from "@ipcz/driver-base";
import { referenceCodec, referenceCodecWithDescriptors } from "../src/reference-codec.ts";

const transport = { kind: "transport", isSameRemoteProcess: false, ...unknownPeer } as const;

function memory(numBytes: number): MemoryDescription {
  return { kind: "memory", numBytes, access: "unsafe", guid: null };
}

function header(frameBytes: number, descriptorCount: number): FrameHeader | null {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(4, frameBytes, true);
  view.setUint32(8, descriptorCount, true);
  const read = { frameBytes: 0, messageStart: 0, descriptorCount: 0, mark: FrameMark.none };
  return referenceCodec.readHeader(view, 4, read) ? read : null;
}

function object(type: number, size: number): Uint8Array {
  return new Uint8Array(Uint32Array.from([type, size]).buffer);
}

describe("frame header", () => {
  test("is the whole length and the number of descriptors, little-endian", () => {
    const bytes = new Uint8Array(10);
    referenceCodec.writeHeader(new DataView(bytes.buffer), 1, 0x01020304, 5, FrameMark.none);
    expect([...bytes]).toEqual([0, 0x0c, 3, 2, 1, 5, 0, 0, 0, 0]);
  });

  test.each([FrameMark.turn, FrameMark.offer])(
    "has a mark where the C library has zeros (%i)",
    (mark) => {
      const bytes = new Uint8Array(8);
      referenceCodec.writeHeader(new DataView(bytes.buffer), 0, 4, 2, mark);
      expect([...bytes]).toEqual([12, 0, 0, 0, 2, 0, 0, mark << 6]);
      expect(header(12, (2 | (mark << 30)) >>> 0)).toMatchObject({ descriptorCount: 2, mark });
    },
  );

  test("is read as it was written", () => {
    const empty = { frameBytes: 8, messageStart: 8, descriptorCount: 0, mark: FrameMark.none };
    expect(header(8, 0)).toEqual(empty);
    expect(header(0xffff_ffff, 64)).toMatchObject({ frameBytes: 0xffff_ffff, descriptorCount: 64 });
  });

  test("is malformed when shorter than itself or with more descriptors than a message can have", () => {
    for (const frameBytes of [0, 1, 7]) expect(header(frameBytes, 0)).toBeNull();
    for (const count of [65, 0x3fff_ffff, 0x8000_0041, 0xffff_ffff]) {
      expect(header(100, count)).toBeNull();
    }
  });

  test("is malformed with a mark that there is not", () => {
    expect(header(100, 0xc000_0000)).toBeNull();
  });
});

describe("objects", () => {
  test("are their type and their size (bytes of the C library's driver)", () => {
    const data = new Uint8Array(9).fill(0xee);
    referenceCodec.writeObject(data, transport);
    expect([...data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0xee]);
    referenceCodec.writeObject(data, memory(0x20000));
    expect([...data]).toEqual([1, 0, 0, 0, 0, 0, 2, 0, 0xee]);
  });

  test("are read back, whatever bytes follow", () => {
    const data = Uint8Array.from([9, 1, 0, 0, 0, 0, 0, 2, 0, 7, 7]).subarray(1);
    expect(referenceCodec.readObject(data, 10)).toEqual(memory(0x20000));
  });

  test("are refused when short or of a kind that does not travel", () => {
    expect(referenceCodec.readObject(object(1, 8), 7)).toBeNull();
    for (const type of [2, 3, 4, 0xffff_ffff]) {
      expect(referenceCodec.readObject(object(type, 8), 8)).toBeNull();
    }
  });

  test("that the format cannot express have no bytes", () => {
    expect(referenceCodec.objectBytes(transport)).toBe(8);
    expect(referenceCodec.objectBytes(memory(64))).toBe(8);
    for (const access of ["read-only", "writable"] as const) {
      expect(referenceCodec.objectBytes({ ...memory(64), access })).toBe(0);
    }
    expect(referenceCodec.objectBytes({ kind: "platform-handle" })).toBe(0);
  });

  test("may be memory of no bytes: a peer that boxes such is not cut off", () => {
    expect(referenceCodec.readObject(object(1, 0), 8)).toEqual(memory(0));
  });
});

describe("descriptors of the application", () => {
  test("have the type that the C library never sends, where both ends want them", () => {
    const data = new Uint8Array(8).fill(7);
    expect(referenceCodecWithDescriptors.objectBytes({ kind: "platform-handle" })).toBe(8);
    referenceCodecWithDescriptors.writeObject(data, { kind: "platform-handle" });
    expect([...data]).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
    expect(referenceCodecWithDescriptors.readObject(data, 8)).toEqual({ kind: "platform-handle" });
    expect(referenceCodecWithDescriptors.readObject(data, 7)).toBeNull();
  });

  test("leave everything else as it was", () => {
    for (const type of [0, 1, 2, 4, 0xffff_ffff])
      expect(referenceCodecWithDescriptors.readObject(object(type, 8), 8)).toEqual(
        referenceCodec.readObject(object(type, 8), 8),
      );
  });
});
