import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { isLinux, isWindows, runsHere } from "../../src/runs-here.ts";
import { leftOver, openDescriptors, settle } from "../../src/table/leaks.ts";

describe("leftOver", () => {
  it("tells what there is more of, and nothing of what there is less of", () => {
    const before = { kept: 2, gone: 3 };
    expect(leftOver(before, { kept: 2, gone: 1, fresh: 0 })).toEqual([]);
    expect(leftOver(before, { kept: 4, gone: 3, fresh: 1 })).toEqual(["2 × kept", "1 × fresh"]);
  });
});

describe("settle", () => {
  it("waits for what goes away by itself", async () => {
    let count = 3;
    const extra = await settle({ thing: 0 }, () => ({ thing: count > 0 ? (count -= 1) : 0 }));
    expect(extra).toEqual([]);
    expect(count).toBe(0);
  });

  it("answers with what stays", async () => {
    expect(await settle({}, () => ({ thing: 1 }))).toEqual(["1 × thing"]);
  });
});

const canCount = runsHere(isLinux || isWindows, "counts that Linux and Windows give");

describe.runIf(canCount)("openDescriptors", () => {
  it("counts a file as long as it is open", () => {
    const [file, kind] = isWindows
      ? [process.execPath, "handle File"]
      : ["/dev/zero", "descriptor /dev/zero"];
    const before = openDescriptors();
    const descriptor = openSync(file, "r");
    expect(leftOver(before, openDescriptors())).toEqual([`1 × ${kind}`]);
    closeSync(descriptor);
    expect(leftOver(before, openDescriptors())).toEqual([]);
  });
});
