import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { posixDriver } from "@ipcz/driver-posix";
import { winDriver } from "@ipcz/driver-win";
import type { IpczError, SystemDriver } from "../../src/index.ts";
import { isWindows } from "../../../../tools/conformance/src/runs-here.ts";
import { defaultDriver } from "../../src/node/default-driver.ts";

function missing(name: string): never {
  throw Object.assign(new Error(`Cannot find package '${name}'`), { code: "ERR_MODULE_NOT_FOUND" });
}

describe("the default driver", () => {
  it.each([
    ["linux", "@ipcz/driver-posix", "posixDriver"],
    ["darwin", "@ipcz/driver-posix", "posixDriver"],
    ["win32", "@ipcz/driver-win", "winDriver"],
  ])("is that of the system (%s)", (platform, name, factory) => {
    const driver = { size: 1 };
    const loaded: string[] = [];
    const found = defaultDriver(platform, (wanted) => {
      loaded.push(wanted);
      return { [factory]: () => driver };
    });
    expect(found).toBe(driver);
    expect(loaded).toEqual([name]);
  });

  it("here has all that its type promises", () => {
    const made: SystemDriver = isWindows ? winDriver() : posixDriver();
    const driver = defaultDriver(process.platform, () => ({
      winDriver: () => made,
      posixDriver: () => made,
    }));
    expect(Object.values(driver.liveObjects()).every((count) => count === 0)).toBe(true);
    driver.dispose();
  });

  it("says what to install when it is missing", () => {
    expect(() => defaultDriver("win32", missing)).toThrow("npm install @ipcz/driver-win");
    expect(() => defaultDriver("linux", missing)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_NO_DRIVER" }) as IpczError,
    );
  });

  it("says so of Node's own refusal", () => {
    const require = createRequire(import.meta.url);
    const load = (name: string): unknown => require(`${name}-that-nobody-has`);
    expect(() => defaultDriver("linux", load)).toThrow("cannot be loaded");
    expect(() =>
      defaultDriver("linux", (name) => createRequire("/no/where.js")(name) as unknown),
    ).toThrow("npm install @ipcz/driver-posix");
  });

  it("says so when it is there and cannot be loaded", () => {
    const broken = (): never => {
      throw new Error("no such symbol");
    };
    expect(() => defaultDriver("linux", broken)).toThrow("cannot be loaded: no such symbol");
    expect(() => defaultDriver("linux", () => missing("koffi"))).toThrow(
      "cannot be loaded: Cannot find package 'koffi'",
    );
    expect(() => defaultDriver("linux", () => ({}))).toThrow("has no posixDriver");
  });

  it("says so on a system that has none", () => {
    expect(() => defaultDriver("aix", missing)).toThrow("there is no ipcz driver for aix");
  });
});
