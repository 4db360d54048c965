/**
 * Opening, asking and merging portals of one node (spec: api 2.3.4 to 2.3.6, 2.4 and 5.1).
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import { emptyStatus, handleCell } from "./calls.ts";
import { checkEqual, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";

const openPortalsInvalid: TableCase = {
  name: "APITest.OpenPortalsInvalid",
  run: ({ api, node }) => {
    const [left, right] = [handleCell(), handleCell()];
    const refused: [string, IpczResult][] = [
      ["node 0", api.OpenPortals(IPCZ_INVALID_HANDLE, 0, null, left, right)],
      ["no outputs", api.OpenPortals(node, 0, null, null, null)],
      ["no first output", api.OpenPortals(node, 0, null, null, right)],
      ["no second output", api.OpenPortals(node, 0, null, left, null)],
    ];
    for (const [what, result] of refused) {
      checkResult(`OpenPortals with ${what}`, result, IPCZ_RESULT_INVALID_ARGUMENT);
    }
    checkEqual("first output of refused calls", left.value, IPCZ_INVALID_HANDLE);
    checkEqual("second output of refused calls", right.value, IPCZ_INVALID_HANDLE);
  },
};

const openPortals: TableCase = {
  name: "APITest.OpenPortals",
  run: (stage) => {
    stage.close(...stage.open());
  },
};

const queryPortalStatusInvalid: TableCase = {
  name: "APITest.QueryPortalStatusInvalid",
  run: (stage) => {
    const { api, node } = stage;
    const [portal] = stage.open();
    const short = { ...emptyStatus(), size: 0 };
    const refused: [string, IpczResult][] = [
      ["portal 0", api.QueryPortalStatus(IPCZ_INVALID_HANDLE, 0, null, emptyStatus())],
      ["a node as portal", api.QueryPortalStatus(node, 0, null, emptyStatus())],
      ["no status", api.QueryPortalStatus(portal, 0, null, null)],
      ["a status of size 0", api.QueryPortalStatus(portal, 0, null, short)],
    ];
    for (const [what, result] of refused) {
      checkResult(`QueryPortalStatus with ${what}`, result, IPCZ_RESULT_INVALID_ARGUMENT);
    }
    checkEqual("flags of a refused status", short.flags, -1);
  },
};

const queryPortalStatus: TableCase = {
  name: "APITest.QueryPortalStatus",
  run: (stage) => {
    const [left, right] = stage.open();
    stage.checkStatus(left, 0, 0, 0);
    const larger = { ...emptyStatus(), size: IPCZ_PORTAL_STATUS_SIZE + 8 };
    const result = stage.api.QueryPortalStatus(left, 0, null, larger);
    checkResult("QueryPortalStatus with a larger struct", result, IPCZ_RESULT_OK);
    checkEqual("size written into a larger struct", larger.size, IPCZ_PORTAL_STATUS_SIZE);
    stage.close(right);
    stage.checkStatus(left, IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD, 0, 0);
  },
};

const mergePortalsFailure: TableCase = {
  name: "APITest.MergePortalsFailure",
  run: (stage) => {
    const [a, b] = stage.open();
    const [c, d] = stage.open();
    const merge = (first: IpczHandle, second: IpczHandle, due: IpczResult): void => {
      const words = `MergePortals(${String(first)}, ${String(second)})`;
      checkResult(words, stage.api.MergePortals(first, second, 0, null), due);
    };
    const invalid = IPCZ_RESULT_INVALID_ARGUMENT;
    merge(IPCZ_INVALID_HANDLE, c, invalid);
    merge(b, IPCZ_INVALID_HANDLE, invalid);
    merge(IPCZ_INVALID_HANDLE, IPCZ_INVALID_HANDLE, invalid);
    merge(a, b, invalid);
    merge(c, c, invalid);
    stage.put(b, "used");
    merge(b, c, IPCZ_RESULT_FAILED_PRECONDITION);
    merge(c, b, IPCZ_RESULT_FAILED_PRECONDITION);
    stage.get(a, "used");
    merge(a, c, IPCZ_RESULT_FAILED_PRECONDITION);
    checkAlive(stage, a, b);
    checkAlive(stage, c, d);
  },
};

function checkAlive(stage: Stage, left: IpczHandle, right: IpczHandle): void {
  stage.put(left, "still here");
  stage.get(right, "still here");
}

const mergePortals: TableCase = {
  name: "APITest.MergePortals",
  run: (stage) => {
    const [a, b] = stage.open();
    const [c, d] = stage.open();
    stage.put(a, "before the merge", [stage.box("and a box")]);
    checkResult("MergePortals", stage.api.MergePortals(b, c, 0, null), IPCZ_RESULT_OK);
    stage.forget(b, c);
    const { handles } = stage.get(d, "before the merge");
    checkEqual("handles that came along", handles.length, 1);
    checkAlive(stage, a, d);
    checkAlive(stage, d, a);
    stage.close(a);
    stage.checkStatus(d, IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD, 0, 0);
  },
};

const sendingKeepsThePortal: TableCase = {
  name: "OpenPortals.SentLocally",
  run: (stage) => {
    // A portal that is sent within its node is untouched by it: same route, same parcels.
    const [a, b] = stage.open();
    const [c, d] = stage.open();
    stage.put(c, "waiting");
    stage.put(a, "take this", [d]);
    const { handles } = stage.get(b, "take this");
    const [arrived] = handles;
    checkEqual("handles in the parcel", handles.length, 1);
    if (arrived !== undefined) {
      stage.get(arrived, "waiting");
      checkAlive(stage, arrived, c);
    }
  },
};

const closingDropsParcels: TableCase = {
  name: "Close.PortalWithUnreadParcels",
  run: (stage) => {
    const [a, b] = stage.open();
    const [c, d] = stage.open();
    stage.put(a, "never read", [d, stage.box("never opened")]);
    stage.close(b);
    // What was attached is closed with the parcel.
    stage.checkStatus(c, IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD, 0, 0);
  },
};

/** Portals: APITest 6 to 11, then two of our own. */
export const portalsSuite: readonly TableCase[] = [
  openPortalsInvalid,
  openPortals,
  queryPortalStatusInvalid,
  queryPortalStatus,
  mergePortalsFailure,
  mergePortals,
  sendingKeepsThePortal,
  closingDropsParcels,
];
