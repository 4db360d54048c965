import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalNode } from "../../src/index.ts";
import { Places } from "../support/places.ts";

const script = fileURLToPath(new URL("../fixtures/stay.mjs", import.meta.url));
let places: Places;
beforeEach(() => {
  places = new Places();
});
afterEach(() => places.remove());

describe("a process with connected nodes", () => {
  it.each([
    ["nothing", "still here"],
    ["unref", "left"],
    ["unref, ref", "still here"],
    ["unref, ref a portal", "still here"],
    ["unref, ref a portal, close it", "left"],
    ["unref, ref a portal, unref it", "left"],
    ["close", "left"],
  ])("after `%s`: %s", async (what, expected) => {
    const args = [script, what, places.at("socket")];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect({ stdout, stderr }).toEqual({ stdout: `${expected}\n`, stderr: "" });
  });
});

describe("a node that is not connected", () => {
  it("keeps nothing alive and can be asked to all the same", () => {
    const node = new LocalNode(memDriver());
    const [a, b] = node.openPortals();
    expect(node.unref().ref()).toBe(node);
    expect(a.ref().unref()).toBe(a);
    for (const each of [a, b, node]) each.close();
  });
});
