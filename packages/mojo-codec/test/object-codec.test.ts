import { describe, expect, test } from "vitest";
import {
  handlesPerObject,
  memoryBytesMax,
  objectBytes,
  readObject,
  writeObject,
  type InlineHandles,
  type ObjectDescription,
} from "../src/index.ts";
import { bytesOf } from "./support/bytes.ts";

const guidHex = "81c830c1 fece4cad 0d0283c1 46030242";
const guid = bytesOf(guidHex);
const memory = { kind: "memory", numBytes: 0x20000, access: "unsafe", guid } as const;

/** Objects as Chromium 156 wrote them. */
const recorded: readonly { name: string; hex: string; object: ObjectDescription }[] = [
  {
    name: "a transport for a service of the sender",
    hex: "08000000 00000000 01000000 00000000",
    object: {
      kind: "transport",
      destination: "non-broker",
      isSameRemoteProcess: false,
      isPeerTrusted: false,
      isTrustedByPeer: false,
    },
  },
  {
    name: "a transport to a node that is introduced",
    hex: "08000000 00000000 01000000 00000100",
    object: {
      kind: "transport",
      destination: "non-broker",
      isSameRemoteProcess: false,
      isPeerTrusted: false,
      isTrustedByPeer: true,
    },
  },
  {
    name: "memory of a link",
    hex: `08000000 01000000 20000000 00000200 02000000 00000000 ${guidHex}`,
    object: memory,
  },
  {
    name: "a descriptor of the application's",
    hex: "08000000 04000000 08000000 00000000",
    object: { kind: "platform-handle" },
  },
  {
    name: "a consumer of a data pipe",
    hex:
      "08000000 05000000 18000000 01000000 01000000 00000000 00000000 00000000" +
      `20000000 00000100 02000000 00000000 ${guidHex}`,
    object: {
      kind: "data-pipe",
      end: "consumer",
      elementBytes: 1,
      offset: 0,
      readableBytes: 0,
      buffer: { ...memory, numBytes: 0x10000 },
    },
  },
];

/** The sample with one word replaced. */
function withWord(hex: string, at: number, word: number): Uint8Array {
  const bytes = bytesOf(hex);
  new DataView(bytes.buffer).setUint32(at, word, true);
  return bytes;
}

function read(bytes: Uint8Array): ObjectDescription | null {
  return readObject(bytes, bytes.length, "beside")?.object ?? null;
}

describe("objects, with handles beside the message", () => {
  test.each(recorded)("are read as Chromium writes them ($name)", ({ hex, object }) => {
    expect(readObject(bytesOf(hex), bytesOf(hex).length, "beside")).toEqual({
      object,
      handles: null,
    });
  });

  test.each(recorded)("are written as Chromium does ($name)", ({ hex, object }) => {
    const expected = bytesOf(hex);
    expect(objectBytes(object, null)).toBe(expected.length);
    const data = new Uint8Array(expected.length + 3).fill(0xee);
    writeObject(data.subarray(1), object, null);
    expect(Buffer.from(data)).toEqual(Buffer.from([0xee, ...expected, 0xee, 0xee]));
  });

  test.each(recorded)("are refused when cut short ($name)", ({ hex }) => {
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length++) {
      expect(readObject(bytes, length, "beside"), `${length} bytes`).toBeNull();
    }
  });

  test.each(recorded)(
    "are read when bytes follow, or a longer header leads ($name)",
    ({ hex, object }) => {
      const bytes = bytesOf(hex);
      expect(read(Uint8Array.from([...bytes, 1, 2, 3]))).toEqual(object);
      const longer = Uint8Array.from([
        ...bytes.subarray(0, 8),
        ...Array<number>(8).fill(9),
        ...bytes.subarray(8),
      ]);
      longer[0] = 16;
      expect(read(longer)).toEqual(object);
    },
  );

  test.each(recorded)("are refused with a header of no honest length ($name)", ({ hex }) => {
    for (const length of [0, 7, 9, bytesOf(hex).length + 8, 0xffff_fff8]) {
      expect(read(withWord(hex, 0, length))).toBeNull();
    }
  });

  test("are refused when of a type that never travels or is not known", () => {
    const [{ hex } = { hex: "" }] = recorded;
    for (const type of [2, 3, 6, 7, 8, 0xffff_ffff])
      expect(read(withWord(hex, 4, type))).toBeNull();
  });
});

describe("what objects say is checked", () => {
  const [transportHex, , memoryHex, handleHex, pipeHex] = recorded.map(({ hex }) => hex) as [
    string,
    string,
    string,
    string,
    string,
  ];

  test.each([
    ["a transport to nothing known", transportHex, 8, 2],
    ["memory of no bytes", memoryHex, 12, 0],
    ["memory of more bytes than there can be", memoryHex, 12, 2 ** 31],
    ["memory whose body is shorter than it can be", memoryHex, 8, 24],
    ["memory whose body is longer than its bytes", memoryHex, 8, 40],
    ["memory of unheard-of access", memoryHex, 16, 3],
    ["a descriptor in a wrapping of another system", handleHex, 12, 1],
    ["a descriptor whose body is too short", handleHex, 8, 0],
    ["a data pipe with a third end", pipeHex, 12, 2],
    ["a data pipe of elements without bytes", pipeHex, 16, 0],
    ["a data pipe that holds half an element", pipeHex, 16, 3],
    ["a data pipe that begins behind its ring", pipeHex, 24, 0x10000],
    ["a data pipe with more in it than fits", pipeHex, 28, 0x10001],
    ["a data pipe whose body is longer than its bytes", pipeHex, 8, 0xffff_fff8],
    ["a data pipe over memory that only its holder writes to", pipeHex, 40, 1],
    ["a data pipe over nothing", pipeHex, 36, 0],
  ])("%s is refused", (_name, hex, at, word) => {
    expect(read(bytesOf(hex))).not.toBeNull();
    expect(read(withWord(hex, at, word))).toBeNull();
  });

  test("memory without a name is refused, and not written", () => {
    const bytes = bytesOf(memoryHex).fill(0, 24);
    expect(read(bytes)).toBeNull();
    const nameless = { ...memory, guid: null };
    expect(() => writeObject(new Uint8Array(40), nameless, null)).toThrow("16 bytes");
  });

  test("memory may be as large as a signed word says", () => {
    expect(read(withWord(memoryHex, 12, memoryBytesMax))).toEqual({
      ...memory,
      numBytes: memoryBytesMax,
    });
  });

  test("only memory of one writer needs two handles", () => {
    const counts = recorded.map(({ object }) => handlesPerObject(object));
    expect(counts).toEqual([1, 1, 1, 1, 1]);
    expect(handlesPerObject({ ...memory, access: "writable" })).toBe(2);
    expect(handlesPerObject({ ...memory, access: "read-only" })).toBe(1);
  });
});

describe("objects, with handles inside (Windows)", () => {
  const handles: InlineHandles = { owner: "recipient", values: [0x1234n, 0xffff_ffff_ffff_fff0n] };

  test("have them between a longer header and the body", () => {
    const data = new Uint8Array(40);
    writeObject(data, { kind: "platform-handle" }, handles);
    expect(objectBytes({ kind: "platform-handle" }, handles)).toBe(40);
    expect(data).toEqual(
      bytesOf(
        "10000000 04000000 02000000 01000000 34120000 00000000 f0ffffff ffffffff 08000000 00000000",
      ),
    );
  });

  test.each(recorded)("are read back ($name)", ({ object }) => {
    for (const inline of [handles, { owner: "sender", values: [] } as const]) {
      const data = new Uint8Array(objectBytes(object, inline));
      writeObject(data, object, inline);
      expect(readObject(data, data.length, "inside")).toEqual({ object, handles: inline });
      expect(readObject(data, data.length - 1, "inside")).toBeNull();
    }
  });

  test("are refused with more handles than bytes, or an owner that is neither side", () => {
    const data = new Uint8Array(40);
    writeObject(data, { kind: "platform-handle" }, handles);
    for (const count of [4, 0x1fff_ffff, 0xffff_ffff]) {
      const bytes = data.slice();
      new DataView(bytes.buffer).setUint32(8, count, true);
      expect(readObject(bytes, bytes.length, "inside")).toBeNull();
    }
    data[12] = 2;
    expect(readObject(data, data.length, "inside")).toBeNull();
  });

  test("need the header of their system", () => {
    const [{ hex } = { hex: "" }] = recorded;
    expect(readObject(bytesOf(hex), 16, "inside")).toBeNull();
  });
});
