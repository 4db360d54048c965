/** Opening native libraries, right ones and wrong ones. */
import { IPCZ_API_FUNCTIONS, IPCZ_API_SIZE } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { foreign } from "../../src/ffi/koffi.ts";
import { importAPI, importDriver, loadNative } from "../../src/index.ts";
import { describeWithCompiler, nativeLibrary } from "../support/compiler.ts";

describe("loadNative", () => {
  test("says which file cannot be opened", () => {
    expect(() => loadNative("/nowhere/libipcz.so")).toThrow(
      "cannot open the native library /nowhere/libipcz.so",
    );
  });

  test("refuses a null table and a null driver", () => {
    expect(() => importAPI(0)).toThrow("this is no ipcz table: the pointer to it is null");
    expect(() => importDriver(0n)).toThrow("this is no native driver: the pointer to it is null");
  });

  test("refuses a table that is too small, and one with a hole", () => {
    const table = new BigUint64Array(17).fill(1n);
    table[0] = 128n;
    expect(() => importAPI(foreign.address(table))).toThrow(
      "its size is 128, at least 136 is needed",
    );
    table[0] = 136n;
    table[7] = 0n;
    expect(() => importAPI(foreign.address(table))).toThrow("it has no Put");
  });

  test("refuses a driver that is too small, and one with a hole", () => {
    const table = new BigUint64Array(14).fill(1n);
    table[0] = 104n;
    expect(() => importDriver(foreign.address(table))).toThrow(
      "its size is 104, at least 112 is needed",
    );
    table[0] = 112n;
    table[13] = 0n;
    expect(() => importDriver(foreign.address(table))).toThrow("it has no GenerateRandomBytes");
  });
});

describeWithCompiler("loadNative of a compiled library", () => {
  test("says that a library without IpczGetAPI is none", () => {
    const path = nativeLibrary("no_library");
    expect(() => loadNative(path)).toThrow(`${path} is no ipcz library: it has no IpczGetAPI`);
  });

  test("refuses a table that is filled too little", () => {
    const path = nativeLibrary("short_table");
    expect(() => loadNative(path)).toThrow("its size is 128, at least 136 is needed");
  });

  test("says what a library answers that gives no table", () => {
    const path = nativeLibrary("refusing_library");
    expect(() => loadNative(path)).toThrow(`IpczGetAPI of ${path} answered UNIMPLEMENTED`);
  });

  test("gives a table of 16 functions", () => {
    const api = loadNative(nativeLibrary("recording_table"));
    expect(api.size).toBe(IPCZ_API_SIZE);
    for (const name of IPCZ_API_FUNCTIONS)
      expect([name, typeof api[name]]).toEqual([name, "function"]);
  });
});
