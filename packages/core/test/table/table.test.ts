/**
 * The two ways to get the table (spec: api 1.5).
 */
import {
  IPCZ_API_FUNCTIONS,
  IPCZ_API_SIZE,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import {
  getAPI,
  getPortalBacklog,
  IpczGetAPI,
  type IpczAPITarget,
  watchPortalBacklog,
} from "../../src/index.ts";

describe("the backlog of the table's portals", () => {
  it("is 0 for handles that are none, and cannot be watched there", () => {
    expect(getPortalBacklog(IPCZ_INVALID_HANDLE)).toBe(0);
    const watched = watchPortalBacklog(IPCZ_INVALID_HANDLE, 0, () => {});
    expect(watched).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });
});

describe("the table", () => {
  it("is the same one every time, and cannot be changed", () => {
    expect(getAPI()).toBe(getAPI());
    expect(Object.isFrozen(getAPI())).toBe(true);
  });

  it.each([IPCZ_API_SIZE, IPCZ_API_SIZE + 8])("is copied to a place of %i bytes", (size) => {
    const target: IpczAPITarget = { size };
    expect(IpczGetAPI(target)).toBe(IPCZ_RESULT_OK);
    expect(target).toEqual(getAPI());
    for (const name of IPCZ_API_FUNCTIONS) expect(target[name]).toBe(getAPI()[name]);
  });

  it.each([null, {}, { size: 0 }, { size: IPCZ_API_SIZE - 1 }, { size: Number.NaN }])(
    "is not copied to %j, which is left as it is",
    (target) => {
      const before = { ...target };
      expect(IpczGetAPI(target)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
      expect({ ...target }).toEqual(before);
    },
  );
});
