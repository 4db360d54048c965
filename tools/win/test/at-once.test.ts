import { expect, test } from "vitest";
import { atOnce, type Say } from "../src/at-once.ts";

/** Work that ends when it is told to. */
function controlled(): {
  readonly work: (name: string, say: Say) => Promise<string>;
  readonly begun: string[];
  readonly end: (name: string) => Promise<void>;
} {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    work: async (name, say) => {
      begun.push(name);
      say(`${name} begins. `);
      await new Promise<void>((resolve) => void ends.set(name, resolve));
      say(`${name} ends. `);
      return name.toUpperCase();
    },
    end: async (name) => {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("so many are under way at a time, and each is heard in its turn", async () => {
  const { work, begun, end } = controlled();
  let heard = "";
  const all = atOnce(["a", "b", "c"], 2, work, (text) => (heard += text));
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  expect(heard).toBe("a begins. ");
  await end("a");
  expect(heard).toBe("a begins. a ends. b begins. b ends. c begins. ");
  await end("c");
  expect(await all).toEqual(["A", "B", "C"]);
  expect(heard).toBe("a begins. a ends. b begins. b ends. c begins. c ends. ");
});

test("fails when one of them does", async () => {
  await expect(
    atOnce([1, 2], 2, (number) =>
      number === 2 ? Promise.reject(new Error("two")) : Promise.resolve(),
    ),
  ).rejects.toThrow("two");
});

test.each([0, -1, 1.5, Number.NaN])(
  "does not pass for having done nothing (%s at a time)",
  async (width) => {
    await expect(
      atOnce(
        [1],
        width,
        () => Promise.resolve(),
        () => {},
      ),
    ).rejects.toThrow(RangeError);
  },
);
