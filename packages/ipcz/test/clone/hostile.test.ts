import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BytesIn } from "../../src/clone/bytes-in.ts";
import { BytesOut } from "../../src/clone/bytes-out.ts";
import { type CloneBounds, cloneBounds, Tag } from "../../src/clone/format.ts";
import { ValueReader } from "../../src/clone/read-value.ts";
import { ValueWriter } from "../../src/clone/write-value.ts";
import { plainCases } from "../support/clone-cases/plain.ts";

function write(value: unknown, bounds?: CloneBounds): Uint8Array {
  const out = new BytesOut();
  new ValueWriter(out, undefined, bounds).write(value);
  return Buffer.concat(out.chunks());
}

function read(message: Uint8Array, bounds?: CloneBounds): unknown {
  return new ValueReader(new BytesIn(message), [], bounds).read();
}

/** Bytes with varints among them, in the words of the format. */
function bytes(...parts: readonly (number | readonly number[] | string)[]): Uint8Array {
  const out = new BytesOut();
  for (const part of parts)
    if (typeof part === "number") out.byte(part);
    else if (typeof part === "string") out.characters(part, false);
    else for (const value of part) out.varint(value);
  return Buffer.concat(out.chunks());
}

function nested(levels: number): unknown {
  let value: unknown[] = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

describe("bytes from a stranger", () => {
  const small = plainCases
    .filter(({ name }) => !/large|Blob|long|many|far out/.test(name))
    .map(({ make }) => write(make()))
    .filter((message) => message.length < 2000);

  it("are a value or an exception, whatever is changed in a message", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...small),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (message, changes) => {
          const changed = Uint8Array.from(message);
          for (const [place, value] of changes) changed[place % changed.length] = value;
          try {
            read(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("are an exception wherever a message is cut", () => {
    for (const message of small)
      for (let length = 0; length < Math.min(message.length, 300); length++)
        expect(() => read(message.slice(0, length))).toThrow(Error);
  });

  it("are a value or an exception when they are random", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        try {
          read(message);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 5000 },
    );
  });

  const refused: readonly (readonly [string, Uint8Array])[] = [
    ["no bytes", bytes()],
    ["a gap outside an array", bytes(Tag.holes, [1])],
    ["an unknown tag", bytes(0xff)],
    ["a number without end", new Uint8Array([Tag.int, ...new Array<number>(9).fill(0xff)])],
    ["a number above 2^53", bytes(Tag.latin1, new Array<number>(7).fill(127 + 128 * 127), [127])],
    ["a text longer than the message", bytes(Tag.latin1, [2 ** 40], "a")],
    ["half a character", bytes(Tag.utf16, [3], "abc")],
    ["a bigint without digits", bytes(Tag.bigint, [0])],
    ["a bigint of other letters", bytes(Tag.bigint, [4], "0x")],
    ["a reference to nothing", bytes(Tag.reference, [0])],
    ["a reference to what is being made", bytes(Tag.boxed, Tag.reference, [0])],
    ["something that did not come along", bytes(Tag.transferred, [0])],
    ["an array longer than arrays are", bytes(Tag.array, [2 ** 32])],
    ["an empty gap", bytes(Tag.array, [1], Tag.holes, [0])],
    ["numbers of no width", bytes(Tag.numbers, 4, [1], "a")],
    ["more numbers than bytes", bytes(Tag.numbers, 3, [2], "abcdefghijklmno")],
    ["numbers without end", bytes(Tag.numbers, 0, [2 ** 53 - 1], "a")],
    ["a gap beyond the end", bytes(Tag.array, [1], Tag.holes, [2])],
    ["more elements than bytes", bytes(Tag.array, [2 ** 32 - 1], Tag.null)],
    ["more entries than bytes", bytes(Tag.map, [2 ** 40], Tag.null)],
    ["a regular expression that is none", bytes(Tag.regexp, [2], "(", [0])],
    ["a regular expression with odd flags", bytes(Tag.regexp, [2], "a", [2], "q")],
    ["a boxed object", bytes(Tag.boxed, Tag.object, [0])],
    ["a boxed null", bytes(Tag.boxed, Tag.null)],
    ["an error of no class", bytes(Tag.error, 7, 0)],
    ["a view of no kind", bytes(Tag.view, 13, [0], [1], Tag.arrayBuffer, [0])],
    ["a view of no buffer", bytes(Tag.view, 2, [0], [1], Tag.object, [0])],
    ["a view of itself", bytes(Tag.view, 2, [0], [1], Tag.reference, [0])],
    ["a view beyond its buffer", bytes(Tag.view, 2, [0], [3], Tag.arrayBuffer, [1], "a")],
    ["an odd view", bytes(Tag.view, 5, [1], [2], Tag.arrayBuffer, [4], "abcd")],
    ["a buffer longer than the message", bytes(Tag.arrayBuffer, [2 ** 45])],
    ["a buffer longer than it may be", bytes(Tag.resizableBuffer, [2, 1], "ab")],
    [
      "a buffer that may grow too far",
      bytes(Tag.resizableBuffer, [0, cloneBounds.reservedBytesMax + 1]),
    ],
    ["a blob longer than the message", bytes(Tag.blob, [0], [5], "abc")],
  ];

  it.each(refused)("are refused: %s", (_what, message) => {
    expect(() => read(message)).toThrow(Error);
  });

  it("pollute no prototype", () => {
    const value = read(
      bytes(Tag.object, [19], "__proto__", Tag.object, [3], "x", Tag.true, [0], [0]),
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("make no long array out of a long gap", () => {
    const value = read(bytes(Tag.array, [2 ** 32 - 1], Tag.holes, [2 ** 32 - 1], [0])) as unknown[];
    expect(value.length).toBe(2 ** 32 - 1);
    expect(Object.keys(value)).toEqual([]);
  });
});

describe("bounds of a message", () => {
  const { depthMax, reservedBytesMax } = cloneBounds;
  const few = { depthMax: 10, objectsMax: 100, valuesMax: 300, reservedBytesMax: 1000 };

  it(`hold ${depthMax} objects in each other, and not one more, on either side`, () => {
    const deepest = write(nested(depthMax));
    expect(write(read(deepest))).toEqual(deepest);
    expect(() => write(nested(depthMax + 1))).toThrow(`at most ${depthMax} deep`);
    const deeper = Buffer.concat([bytes(Tag.array, [1]), deepest, bytes([0])]);
    expect(() => read(deeper)).toThrow("too deep");
  });

  it("hold so many objects, and not one more, on either side", () => {
    const objects = Array.from({ length: 99 }, () => ({}));
    const message = write(objects, few);
    expect((read(message, few) as unknown[]).length).toBe(99);
    objects.push({});
    expect(() => write(objects, few)).toThrow("at most 100 objects");
    expect(() => read(write(objects), few)).toThrow("too many objects");
  });

  it("hold so many values, and not one more, on either side", () => {
    const values: unknown[] = Array.from({ length: 297 }, () => null);
    Object.assign(values, { name: 1 });
    expect(write(read(write(values, few), few))).toEqual(write(values));
    values.push(null);
    expect(() => write(values, few)).toThrow("at most 300 values");
    expect(() => read(write(values), few)).toThrow("too many values");
  });

  it("count each number of an array", () => {
    const numbers = Array.from({ length: 299 }, (_, index) => index);
    expect(read(write(numbers, few), few)).toEqual(numbers);
    numbers.push(0);
    expect(() => write(numbers, few)).toThrow("at most 300 values");
    expect(() => read(write(numbers), few)).toThrow("too many values");
  });

  it("count gaps as one value", () => {
    expect(write(new Array(2 ** 32 - 1), few).length).toBeLessThan(20);
  });

  it("let buffers grow so far, together", () => {
    const make = (maxByteLength: number): ArrayBuffer =>
      new (ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer)(0, {
        maxByteLength,
      });
    const exact = [make(reservedBytesMax / 2), make(reservedBytesMax / 2)];
    expect((read(write(exact)) as unknown[]).length).toBe(2);
    expect(() => write([...exact, make(1)])).toThrow("together");
    expect(() => read(write([make(1000), make(1)]), few)).toThrow("too large");
  });
});
