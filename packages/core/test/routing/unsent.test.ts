/**
 * What a portal has not sent when its route ends.
 */
import {
  IPCZ_CREATE_NODE_AS_BROKER,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { expect, it } from "vitest";
import { getAPI } from "../../src/table/table.ts";

it("closes portals in parcels that were waiting for a handshake which failed", () => {
  const api = getAPI();
  const world = memWorld({ schedule: "seeded", seed: 1 });
  const driver = world.driver("here");
  const there = world.driver("there");
  const node = { value: IPCZ_INVALID_HANDLE };
  expect(api.CreateNode(driver, IPCZ_CREATE_NODE_AS_BROKER, null, node)).toBe(IPCZ_RESULT_OK);
  const [line, lineThere] = world.connect(driver, there);
  const initial: IpczHandle[] = [IPCZ_INVALID_HANDLE];
  expect(api.ConnectNode(node.value, line, 1, 0, null, initial)).toBe(IPCZ_RESULT_OK);
  const kept = { value: IPCZ_INVALID_HANDLE };
  const sent = { value: IPCZ_INVALID_HANDLE };
  expect(api.OpenPortals(node.value, 0, null, kept, sent)).toBe(IPCZ_RESULT_OK);
  const [portal = IPCZ_INVALID_HANDLE] = initial;
  expect(api.Put(portal, null, 0, [sent.value], 1, 0, null)).toBe(IPCZ_RESULT_OK);

  there.Close(lineThere, 0, null);
  world.runUntilIdle();

  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  expect(api.QueryPortalStatus(kept.value, 0, null, status)).toBe(IPCZ_RESULT_OK);
  expect(status.flags).toBe(IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD);
  for (const handle of [kept.value, portal, node.value]) api.Close(handle, 0, null);
});
