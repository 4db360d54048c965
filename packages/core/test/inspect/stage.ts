/**
 * Nodes and portals of the table, for tests that look at them from outside. Whatever a test opens is closed after it,
 * and nothing may be left then.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczDriver,
  type IpczHandle,
} from "@ipcz/api";
import { afterEach, beforeEach, expect } from "vitest";
import { liveRouters, openHandles } from "../../src/inspect/index.ts";
import { getAPI } from "../../src/index.ts";

export const api: IpczAPI = getAPI();
const open = new Set<IpczHandle>();
let before: readonly number[] = [];

/** To be called once in a file of tests. */
export function useStage(): void {
  beforeEach(() => {
    before = [liveRouters(), openHandles()];
  });
  afterEach(() => {
    closeAll();
    expect([liveRouters(), openHandles()]).toEqual(before);
  });
}

/** Closes everything; what drivers still have to deliver is the test's to run. */
export function closeAll(): void {
  for (const handle of open) api.Close(handle, IPCZ_NO_FLAGS, null);
  open.clear();
}

export function createNode(driver: IpczDriver, flags: number): IpczHandle {
  const node = { value: IPCZ_INVALID_HANDLE };
  expect(api.CreateNode(driver, flags, null, node)).toBe(IPCZ_RESULT_OK);
  open.add(node.value);
  return node.value;
}

export function openPortals(node: IpczHandle): [IpczHandle, IpczHandle] {
  const [a, b] = [{ value: IPCZ_INVALID_HANDLE }, { value: IPCZ_INVALID_HANDLE }];
  expect(api.OpenPortals(node, IPCZ_NO_FLAGS, null, a, b)).toBe(IPCZ_RESULT_OK);
  open.add(a.value).add(b.value);
  return [a.value, b.value];
}

/** The initial portals of a new connection. */
export function connect(
  node: IpczHandle,
  transport: number,
  flags: number,
  count = 1,
): readonly IpczHandle[] {
  const portals: IpczHandle[] = [];
  const result = api.ConnectNode(node, transport as never, count, flags, null, portals);
  expect(result).toBe(IPCZ_RESULT_OK);
  for (const portal of portals) open.add(portal);
  return portals;
}

/** A portal that is sent, or merged, is not the test's any more. */
export function gaveAway(portal: IpczHandle): void {
  open.delete(portal);
}
