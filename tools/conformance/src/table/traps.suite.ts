/**
 * Traps: what makes them fire, when, and what they report (spec: api 2.5 and 5.8).
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_EVENT_SIZE,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_PEER_CLOSED,
  IPCZ_TRAP_REMOVED,
  IPCZ_TRAP_WITHIN_API_CALL,
  type IpczHandle,
  type IpczPortalStatus,
  type IpczResult,
  type IpczTrapConditions,
  type IpczTrapEventHandler,
} from "@ipcz/api";
import { conditions, emptyStatus, trap, type Trapped } from "./calls.ts";
import { checkEqual, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";

const WITHIN = IPCZ_TRAP_WITHIN_API_CALL;
const INVALID = IPCZ_RESULT_INVALID_ARGUMENT;
const GONE = IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD;

/** What one handler has been told. */
interface Told {
  readonly flags: number;
  readonly context: unknown;
  readonly status: IpczPortalStatus;
}

/** Sets a trap that must be accepted; the list it returns grows when it fires. */
function arm(stage: Stage, portal: IpczHandle, wanted: IpczTrapConditions, context = 0): Told[] {
  const told: Told[] = [];
  const handler: IpczTrapEventHandler = (event) => {
    checkEqual("size of the event", event.size, IPCZ_TRAP_EVENT_SIZE);
    // The event is valid during the handler only.
    told.push({
      flags: event.conditionFlags,
      context: event.context,
      status: { ...event.status },
    });
  };
  const result = stage.api.Trap(portal, wanted, handler, context, 0, null, null, null);
  checkResult("Trap", result, IPCZ_RESULT_OK);
  return told;
}

/** Sets a trap whose condition holds already; its handler must never run. */
function refuse(stage: Stage, portal: IpczHandle, wanted: IpczTrapConditions): Trapped {
  const trapped = trap(stage.api, portal, wanted, () => {
    throw new Error("a trap that was refused has fired");
  });
  checkResult("Trap", trapped.result, IPCZ_RESULT_FAILED_PRECONDITION);
  checkEqual("size of the status", trapped.status.size, IPCZ_PORTAL_STATUS_SIZE);
  return trapped;
}

function checkTold(told: readonly Told[], what: string, flags: number): void {
  checkEqual(`times ${what} has fired`, told.length, 1);
  checkEqual(`flags of ${what}`, told[0]?.flags, flags);
}

const trapInvalid: TableCase = {
  name: "APITest.TrapInvalid",
  run: (stage) => {
    const { api, node } = stage;
    const [portal] = stage.open();
    const good = conditions(IPCZ_TRAP_PEER_CLOSED);
    const short = { ...good, size: IPCZ_TRAP_CONDITIONS_SIZE - 1 };
    const shortStatus = { ...emptyStatus(), size: IPCZ_PORTAL_STATUS_SIZE - 1 };
    let fired = 0;
    const handler = (): void => {
      fired += 1;
    };
    const on = (handle: IpczHandle): IpczResult =>
      api.Trap(handle, good, handler, 0, 0, null, null, null);
    const refused: [string, IpczResult][] = [
      ["no conditions", api.Trap(portal, null, handler, 0, 0, null, null, null)],
      ["short conditions", api.Trap(portal, short, handler, 0, 0, null, null, null)],
      ["no handler", api.Trap(portal, good, null, 0, 0, null, null, null)],
      ["portal 0", on(IPCZ_INVALID_HANDLE)],
      ["a node as portal", on(node)],
      ["a short status", api.Trap(portal, good, handler, 0, 0, null, null, shortStatus)],
    ];
    for (const [what, result] of refused) checkResult(`Trap with ${what}`, result, INVALID);
    stage.close(portal);
    checkEqual("times a refused trap has fired", fired, 0);
  },
};

const removeOnClose: TableCase = {
  name: "TrapTest.RemoveOnClose",
  run: (stage) => {
    const [portal] = stage.open();
    const traps = [
      arm(stage, portal, conditions(IPCZ_TRAP_PEER_CLOSED), 1),
      arm(stage, portal, conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL), 2),
      arm(stage, portal, conditions(0), 3),
    ];
    stage.close(portal);
    traps.forEach((told, index) => {
      checkTold(told, "a trap on a closed portal", IPCZ_TRAP_REMOVED | WITHIN);
      checkEqual("context", told[0]?.context, index + 1);
      checkEqual("status flags of a removal", told[0]?.status.flags, 0);
    });
  },
};

const peerClosed: TableCase = {
  name: "TrapTest.PeerClosed",
  run: (stage) => {
    const [left, right] = stage.open();
    const wanted = conditions(IPCZ_TRAP_PEER_CLOSED);
    const told = arm(stage, left, wanted);
    stage.close(right);
    checkTold(told, "the trap", IPCZ_TRAP_PEER_CLOSED | WITHIN);
    checkEqual("status flags in the event", told[0]?.status.flags, GONE);
    const again = refuse(stage, left, wanted);
    checkEqual("conditions that hold", again.satisfied, IPCZ_TRAP_PEER_CLOSED);
    checkEqual("status flags", again.status.flags, GONE);
  },
};

const minLocalParcels: TableCase = {
  name: "TrapTest.MinLocalParcels",
  run: (stage) => {
    const [left, right] = stage.open();
    const aboveNone = conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 0);
    const first = arm(stage, right, aboveNone);
    stage.put(left, "1");
    checkTold(first, "the trap above 0 parcels", IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | WITHIN);
    checkEqual("parcels when it fired", first[0]?.status.numLocalParcels, 1);
    const again = refuse(stage, right, aboveNone);
    checkEqual("conditions that hold", again.satisfied, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS);
    checkEqual("parcels in the status", again.status.numLocalParcels, 1);

    const third = arm(stage, right, conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 2));
    stage.put(left, "2");
    checkEqual("times the trap above 2 parcels has fired at 2", third.length, 0);
    stage.put(left, "3");
    checkTold(third, "the trap above 2 parcels", IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | WITHIN);
    for (const text of ["1", "2", "3"]) stage.get(right, text);
    const empty = arm(stage, right, aboveNone);
    checkEqual("times the trap on a drained portal has fired", empty.length, 0);
  },
};

const minLocalBytes: TableCase = {
  name: "TrapTest.MinLocalBytes",
  run: (stage) => {
    const [left, right] = stage.open();
    const wanted = conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES, 0, 3);
    const told = arm(stage, right, wanted);
    for (const text of ["1", "2", "3"]) stage.put(left, text);
    checkEqual("times the trap above 3 bytes has fired at 3", told.length, 0);
    stage.put(left, "4");
    checkTold(told, "the trap above 3 bytes", IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES | WITHIN);
    const again = refuse(stage, right, wanted);
    checkEqual("conditions that hold", again.satisfied, IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES);
    checkEqual("bytes in the status", again.status.numLocalBytes, 4);
  },
};

const newLocalParcel: TableCase = {
  name: "TrapTest.NewLocalParcel",
  run: (stage) => {
    const [left, right] = stage.open();
    const wanted = conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL);
    for (const text of ["1", "2", "3"]) {
      // It can be set again each time, although earlier parcels are still unread.
      const told = arm(stage, right, wanted);
      stage.put(left, text);
      checkTold(told, "the trap", IPCZ_TRAP_NEW_LOCAL_PARCEL | WITHIN);
      checkEqual("parcels when it fired", told[0]?.status.numLocalParcels, Number(text));
    }
  },
};

const deadPortal: TableCase = {
  name: "TrapTest.DeadPortal",
  run: (stage) => {
    const [left, right] = stage.open();
    const wanted = conditions(IPCZ_TRAP_DEAD);
    const told = arm(stage, right, wanted);
    stage.put(left, "unread");
    stage.close(left);
    checkEqual("times the trap has fired with a parcel unread", told.length, 0);
    stage.get(right, "unread");
    checkTold(told, "the trap", IPCZ_TRAP_DEAD | WITHIN);
    const again = refuse(stage, right, wanted);
    checkEqual("conditions that hold", again.satisfied, IPCZ_TRAP_DEAD);
    checkEqual("status flags", again.status.flags, GONE);
    checkEqual("parcels in the status", again.status.numLocalParcels, 0);
  },
};

const multipleTraps: TableCase = {
  name: "TrapTest.MultipleTraps",
  run: (stage) => {
    const [left, right] = stage.open();
    const parcel = arm(stage, right, conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL));
    const closed = arm(stage, right, conditions(IPCZ_TRAP_PEER_CLOSED));
    const dead = arm(stage, right, conditions(IPCZ_TRAP_DEAD));
    stage.put(left, "one");
    checkTold(parcel, "the trap for parcels", IPCZ_TRAP_NEW_LOCAL_PARCEL | WITHIN);
    checkEqual("times the others have fired", closed.length + dead.length, 0);
    stage.get(right, "one");
    stage.close(left);
    checkTold(closed, "the trap for closure", IPCZ_TRAP_PEER_CLOSED | WITHIN);
    checkTold(dead, "the trap for death", IPCZ_TRAP_DEAD | WITHIN);
    checkEqual("times the trap for parcels has fired", parcel.length, 1);
  },
};

const syncTransportWithinAPICall: TableCase = {
  name: "TrapTest.SyncTransportWithinAPICall",
  run: (stage) => {
    const { portals } = stage.link();
    const told = arm(stage, portals[1], conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL));
    stage.put(portals[0], "on one stack");
    checkTold(told, "the trap on the other node", IPCZ_TRAP_NEW_LOCAL_PARCEL | WITHIN);
  },
};

const handlerMayDoAnything: TableCase = {
  name: "Trap.HandlerCallsBack",
  run: (stage) => {
    // Each handler reads, answers, sets the next trap, and in the end closes the portal it is on.
    const [left, right] = stage.open();
    const read: string[] = [];
    const again = (): void => {
      const result = trap(stage.api, right, conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL), (event) => {
        if ((event.conditionFlags & IPCZ_TRAP_REMOVED) !== 0) return;
        read.push(stage.get(right, String(read.length)).result === 0 ? "read" : "");
        if (read.length === 3) stage.close(right);
        else again();
      }).result;
      checkResult("Trap inside a handler", result, IPCZ_RESULT_OK);
    };
    again();
    for (const text of ["0", "1", "2"]) stage.put(left, text);
    checkEqual("parcels read by handlers", read.length, 3);
    stage.checkStatus(left, GONE, 0, 0);
  },
};

const survivesLocalTransfer: TableCase = {
  name: "Trap.PortalSentLocally",
  run: (stage) => {
    const [a, b] = stage.open();
    const [c, d] = stage.open();
    const told = arm(stage, d, conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL));
    stage.put(a, "", [d]);
    checkEqual("times the trap has fired on the way", told.length, 0);
    stage.put(c, "at last");
    checkTold(told, "the trap", IPCZ_TRAP_NEW_LOCAL_PARCEL | WITHIN);
    stage.get(b, "");
  },
};

const removedOnTransfer: TableCase = {
  name: "Trap.PortalSentToAnotherNode",
  run: (stage) => {
    const { portals } = stage.link();
    const [, far] = stage.open();
    const told = arm(stage, far, conditions(IPCZ_TRAP_PEER_CLOSED));
    stage.put(portals[0], "", [far]);
    checkTold(told, "the trap", IPCZ_TRAP_REMOVED | WITHIN);
    stage.get(portals[1], "");
  },
};

const removedOnMerge: TableCase = {
  name: "Trap.PortalMerged",
  run: (stage) => {
    const [, b] = stage.open();
    const [c] = stage.open();
    const told = arm(stage, b, conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL));
    checkResult("MergePortals", stage.api.MergePortals(b, c, 0, null), IPCZ_RESULT_OK);
    stage.forget(b, c);
    checkTold(told, "the trap", IPCZ_TRAP_REMOVED | WITHIN);
  },
};

/** Traps: APITest 17 and TrapTest 1 to 8, then some of our own. */
export const trapsSuite: readonly TableCase[] = [
  trapInvalid,
  removeOnClose,
  peerClosed,
  minLocalParcels,
  minLocalBytes,
  newLocalParcel,
  deadPortal,
  multipleTraps,
  syncTransportWithinAPICall,
  handlerMayDoAnything,
  survivesLocalTransfer,
  removedOnTransfer,
  removedOnMerge,
];
