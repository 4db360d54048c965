import { describe, expect, test } from "vitest";
import { methodNumber, parseVersion } from "../../src/index.ts";

describe("numbers of methods", () => {
  /** As they were seen in messages of this very version. */
  test.each([
    ["ChildProcessHost", 3, 1_706_115_098],
    ["DataDecoderService", 6, 208_589_680],
  ])("are those of Chromium (%s, method %i)", (name, position, expected) => {
    const version = { major: 156, minor: 0, build: 8078, patch: 108 };
    expect(methodNumber(version, name, position)).toBe(expected);
  });

  test("differ between versions, interfaces and methods", () => {
    const version = { major: 1, minor: 2, build: 3, patch: 4 };
    const numbers = new Set([
      methodNumber(version, "A", 1),
      methodNumber(version, "A", 2),
      methodNumber(version, "B", 1),
      methodNumber({ ...version, patch: 5 }, "A", 1),
    ]);
    expect(numbers.size).toBe(4);
    for (const number of numbers) expect(number).toBeLessThan(2 ** 31);
  });
});

describe("versions", () => {
  test.each([
    ["Chromium 156.0.8078.79 built on Debian", { major: 156, minor: 0, build: 8078, patch: 79 }],
    ["Google Chrome 1.2.3.4 ", { major: 1, minor: 2, build: 3, patch: 4 }],
    ["no version 1.2.3", null],
    ["", null],
  ])('are found in "%s"', (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });
});
