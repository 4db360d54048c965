/** What the system says, in our words; and what is the same on every system. */
import {
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../tools/conformance/src/runs-here.ts";
import { winDriver } from "../src/index.ts";
import { checked, resultOf, WinError } from "../src/os-error.ts";
import { sidText } from "../src/win32/user-security.ts";

describe("errors of Windows", () => {
  it("are results, by one table", () => {
    const results = [4, 0, -5, -109, -1450, -77_777].map(resultOf);
    expect(results).toEqual([
      IPCZ_RESULT_OK,
      IPCZ_RESULT_OK,
      IPCZ_RESULT_PERMISSION_DENIED,
      IPCZ_RESULT_NOT_FOUND,
      IPCZ_RESULT_RESOURCE_EXHAUSTED,
      IPCZ_RESULT_UNKNOWN,
    ]);
  });

  it("are sentences, also those that have no name here", () => {
    expect(() => checked("OpenProcess", -5, "it is another user's")).toThrow(
      "OpenProcess: ERROR_ACCESS_DENIED (it is another user's)",
    );
    expect(checked("OpenProcess", 8)).toBe(8);
    const { code, number, result } = new WinError("CloseHandle", -77_777);
    expect([code, number, result]).toEqual(["error 77777", 77_777, IPCZ_RESULT_UNKNOWN]);
  });
});

describe("a user", () => {
  it("is named by the text of an identifier", () => {
    const bytes = new Uint8Array([9, 9, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0]);
    expect(sidText(bytes, 2)).toBe("S-1-5-32-544");
  });
});

describe.runIf(runsHere(!isWindows, "the refusal to run on other systems than Windows"))(
  "elsewhere",
  () => {
    it("the driver can be loaded, and says why it cannot be made", () => {
      expect(() => winDriver()).toThrow(/runs on Windows, not on/);
    });
  },
);
