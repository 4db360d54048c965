/**
 * Put, get and reject between portals of one node, in one call and in two phases (spec: api 2.3.7 to 2.3.14 and 5.1).
 */
import {
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_BEGIN_PUT_ALLOW_PARTIAL,
  IPCZ_END_GET_ABORT,
  IPCZ_END_PUT_ABORT,
  IPCZ_GET_PARTIAL,
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczHandle,
  type IpczResult,
  type IpczTransaction,
} from "@ipcz/api";
import {
  beginGet,
  beginPut,
  bytesOf,
  get,
  handleCell,
  put,
  textOf,
  transactionCell,
} from "./calls.ts";
import { check, checkEqual, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";

const OK = IPCZ_RESULT_OK;
const INVALID = IPCZ_RESULT_INVALID_ARGUMENT;
const GONE = IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD;
const NO_TRANSACTION: IpczTransaction = 0 as IpczTransaction;

const putGet: TableCase = {
  name: "APITest.PutGet",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const [carried, carriedPeer] = stage.open();
    checkResult("Get from an empty portal", get(api, a).result, IPCZ_RESULT_UNAVAILABLE);
    checkResult("Put of the portal itself", put(api, a, "", [a]), INVALID);
    checkResult("Put of the portal's own peer", put(api, a, "", [b]), INVALID);

    stage.put(a, "hi");
    stage.put(a, "bye");
    stage.put(a, "");
    stage.put(a, "", [carried]);
    stage.checkStatus(b, 0, 4, 5);
    refuseNoRoom(stage, b);
    stage.get(b, "hi");
    stage.checkStatus(b, 0, 3, 3);
    stage.get(b, "bye");
    stage.checkStatus(b, 0, 2, 0);
    const bare = api.Get(b, 0, null, null, null, null, null, null);
    checkResult("Get of an empty parcel without any storage", bare, OK);
    refuseNoRoomForHandle(stage, b);
    const [arrived] = stage.get(b, "").handles;
    stage.checkStatus(b, 0, 0, 0);
    check(arrived !== undefined, "the portal arrives in its parcel");
    stage.close(arrived);
    stage.checkStatus(carriedPeer, GONE, 0, 0);
  },
};

/** The head parcel has 2 bytes; it must stay. */
function refuseNoRoom({ api }: Stage, portal: IpczHandle): void {
  const size = { value: 0 };
  const sized = api.Get(portal, 0, null, null, size, null, null, null);
  checkResult("Get with no room", sized, IPCZ_RESULT_RESOURCE_EXHAUSTED);
  checkEqual("bytes needed", size.value, 2);
  const noBuffer = api.Get(portal, 0, null, null, { value: 2 }, null, null, null);
  checkResult("Get without a buffer", noBuffer, INVALID);
}

/** The head parcel has no bytes and one handle; it must stay. */
function refuseNoRoomForHandle({ api }: Stage, portal: IpczHandle): void {
  const count = { value: 0 };
  const sized = api.Get(portal, 0, null, null, null, null, count, null);
  checkResult("Get with no room for a handle", sized, IPCZ_RESULT_RESOURCE_EXHAUSTED);
  checkEqual("handles needed", count.value, 1);
  const noArray = api.Get(portal, 0, null, null, null, null, { value: 1 }, null);
  checkResult("Get without a handle array", noArray, INVALID);
}

const beginEndPutFailure: TableCase = {
  name: "APITest.BeginEndPutFailure",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const data = { value: null };
    const noPortal = api.BeginPut(IPCZ_INVALID_HANDLE, 0, null, data, null, transactionCell());
    checkResult("BeginPut at portal 0", noPortal, INVALID);
    checkResult("BeginPut without an output", api.BeginPut(a, 0, null, data, null, null), INVALID);
    const { result, transaction } = beginPut(api, a, 4);
    checkResult("BeginPut", result, OK);
    const end = (portal: IpczHandle, which: IpczTransaction, size: number): IpczResult =>
      api.EndPut(portal, which, size, null, 0, 0, null);
    checkResult("EndPut at portal 0", end(IPCZ_INVALID_HANDLE, transaction, 0), INVALID);
    checkResult("EndPut of transaction 0", end(a, NO_TRANSACTION, 0), INVALID);
    checkResult("EndPut of twice the capacity", end(a, transaction, 8), INVALID);
    checkResult(
      "EndPut without a handle array",
      api.EndPut(a, transaction, 0, null, 1, 0, null),
      INVALID,
    );
    checkResult(
      "EndPut of handle 0",
      api.EndPut(a, transaction, 0, [IPCZ_INVALID_HANDLE], 1, 0, null),
      INVALID,
    );
    stage.checkStatus(b, 0, 0, 0);
    checkResult("EndPut after all that", end(a, transaction, 0), OK);
    stage.checkStatus(b, 0, 1, 0);
  },
};

const beginEndGetFailure: TableCase = {
  name: "APITest.BeginEndGetFailure",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const cell = transactionCell();
    const begin = (portal: IpczHandle, out: typeof cell | null, capacity: number): IpczResult =>
      api.BeginGet(portal, 0, null, { value: null }, null, null, { value: capacity }, out);
    checkResult("BeginGet at portal 0", begin(IPCZ_INVALID_HANDLE, cell, 0), INVALID);
    checkResult("BeginGet without an output", begin(b, null, 0), INVALID);
    checkResult("BeginGet without a handle array", begin(b, cell, 1), INVALID);
    checkResult("BeginGet with nothing there", begin(b, cell, 0), IPCZ_RESULT_UNAVAILABLE);
    stage.put(a, "hello");
    const { result, transaction } = beginGet(api, b);
    checkResult("BeginGet", result, OK);
    const end = (portal: IpczHandle, which: IpczTransaction): IpczResult =>
      api.EndGet(portal, which, 0, null, null);
    checkResult("EndGet at portal 0", end(IPCZ_INVALID_HANDLE, transaction), INVALID);
    checkResult("EndGet of transaction 0", end(b, NO_TRANSACTION), INVALID);
    checkResult("EndGet", end(b, transaction), OK);
    checkResult("EndGet for the second time", end(b, transaction), INVALID);
  },
};

const twoPhasePutGet: TableCase = {
  name: "APITest.TwoPhasePutGet",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const text = "written in place";
    const begun = beginPut(api, a, text.length);
    checkResult("BeginPut", begun.result, OK);
    checkEqual("capacity", begun.numBytes, text.length);
    begun.data?.set(bytesOf(text));
    stage.checkStatus(b, 0, 0, 0);
    const ended = api.EndPut(a, begun.transaction, text.length, null, 0, 0, null);
    checkResult("EndPut", ended, OK);
    for (const flags of [IPCZ_END_GET_ABORT, 0]) {
      const { result, data, numBytes, transaction } = beginGet(api, b);
      checkResult("BeginGet", result, OK);
      checkEqual("bytes shown", textOf(data), text);
      checkEqual("byte count", numBytes, text.length);
      stage.checkStatus(b, 0, 1, text.length);
      checkResult("EndGet", api.EndGet(b, transaction, flags, null, null), OK);
    }
    checkResult("BeginGet afterwards", beginGet(api, b).result, IPCZ_RESULT_UNAVAILABLE);
  },
};

const overlappedTwoPhasePuts: TableCase = {
  name: "APITest.OverlappedTwoPhasePuts",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const begun = ["1", "2", "3"].map((text) => {
      const { result, data, transaction } = beginPut(api, a, 1);
      checkResult("BeginPut", result, OK);
      data?.set(bytesOf(text));
      return transaction;
    });
    const end = (index: number): IpczResult =>
      api.EndPut(a, begun[index] ?? NO_TRANSACTION, 1, null, 0, 0, null);
    for (const index of [2, 0, 1]) checkResult("EndPut", end(index), OK);
    checkResult("EndPut for the second time", end(0), INVALID);
    for (const text of ["3", "1", "2"]) stage.get(b, text);
  },
};

const rejectInvalid: TableCase = {
  name: "APITest.RejectInvalid",
  run: (stage) => {
    const [portal] = stage.open();
    const reject = (handle: IpczHandle): IpczResult => stage.api.Reject(handle, 0, 0, null);
    checkResult("Reject(0)", reject(IPCZ_INVALID_HANDLE), INVALID);
    checkResult("Reject(portal)", reject(portal), INVALID);
    checkEqual("reports to the driver", stage.spy.reports.length, 0);
  },
};

/** The head parcel of `portal` as an object, contents and all. */
function takeParcel(stage: Stage, portal: IpczHandle): IpczHandle {
  const parcel = handleCell();
  const result = stage.api.Get(portal, IPCZ_GET_PARTIAL, null, null, null, null, null, parcel);
  checkResult("Get as an object", result, OK);
  stage.keep(parcel.value);
  return parcel.value;
}

const rejectLocal: TableCase = {
  name: "APITest.RejectLocal",
  run: (stage) => {
    const [a, b] = stage.open();
    stage.put(a, "from here");
    const result = stage.api.Reject(takeParcel(stage, b), 0, 0, null);
    checkResult("Reject of a local parcel", result, IPCZ_RESULT_FAILED_PRECONDITION);
    checkEqual("reports to the driver", stage.spy.reports.length, 0);
  },
};

const rejectRemote: TableCase = {
  name: "APITest.RejectRemote",
  run: (stage) => {
    const { portals, transports } = stage.link();
    stage.put(portals[1], "from elsewhere");
    const parcel = takeParcel(stage, portals[0]);
    checkResult("Reject", stage.api.Reject(parcel, 42, 0, null), OK);
    checkEqual("reports to the driver", stage.spy.reports.length, 1);
    checkEqual("reported transport", stage.spy.reports[0]?.transport, transports[0]);
    checkEqual("reported context", stage.spy.reports[0]?.context, 42);
  },
};

const putIntoNothing: TableCase = {
  name: "Put.PeerClosed",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const [kept, keptPeer] = stage.open();
    const pending = beginPut(api, a, 1).transaction;
    const aborted = beginPut(api, a, 1).transaction;
    stage.close(b);
    checkResult("Put", put(api, a, "", [kept]), IPCZ_RESULT_NOT_FOUND);
    checkResult("BeginPut", beginPut(api, a, 1).result, IPCZ_RESULT_NOT_FOUND);
    const end = (transaction: IpczTransaction, flags: number): IpczResult =>
      api.EndPut(a, transaction, 0, [kept], 1, flags, null);
    checkResult("EndPut with ABORT", end(aborted, IPCZ_END_PUT_ABORT), OK);
    checkResult("EndPut", end(pending, 0), IPCZ_RESULT_NOT_FOUND);
    checkResult("EndPut of an ended transaction", end(pending, 0), INVALID);
    // What was to be attached is still the caller's, and whole.
    stage.put(kept, "still here");
    stage.get(keptPeer, "still here");
  },
};

const getFromDead: TableCase = {
  name: "Get.PeerClosed",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    stage.put(a, "last");
    stage.close(a);
    stage.checkStatus(b, IPCZ_PORTAL_STATUS_PEER_CLOSED, 1, 4);
    stage.get(b, "last");
    stage.checkStatus(b, GONE, 0, 0);
    checkResult("Get from a dead portal", get(api, b).result, IPCZ_RESULT_NOT_FOUND);
    checkResult("BeginGet from a dead portal", beginGet(api, b).result, IPCZ_RESULT_NOT_FOUND);
  },
};

const partialGet: TableCase = {
  name: "Get.Partial",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const [first, firstPeer] = stage.open();
    const [second, secondPeer] = stage.open();
    stage.put(a, "0123456789", [first, second]);
    const data = new Uint8Array(4);
    const [size, count, handles] = [{ value: 4 }, { value: 1 }, [] as IpczHandle[]];
    const result = api.Get(b, IPCZ_GET_PARTIAL, null, data, size, handles, count, null);
    checkResult("Get with PARTIAL", result, OK);
    checkEqual("bytes that fit", textOf(data), "0123");
    checkEqual("byte count", size.value, 4);
    checkEqual("handle count", count.value, 1);
    stage.keep(...handles);
    // Without a parcel output what did not fit is gone.
    stage.checkStatus(firstPeer, 0, 0, 0);
    stage.checkStatus(secondPeer, GONE, 0, 0);
    stage.checkStatus(b, 0, 0, 0);
  },
};

const partialGetKeepsRest: TableCase = {
  name: "Get.PartialWithParcelObject",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    const [carried, peer] = stage.open();
    stage.put(a, "0123456789", [carried]);
    const [data, size, parcel] = [new Uint8Array(4), { value: 4 }, handleCell()];
    const result = api.Get(b, IPCZ_GET_PARTIAL, null, data, size, null, null, parcel);
    checkResult("Get with PARTIAL", result, OK);
    stage.keep(parcel.value);
    stage.get(parcel.value, "0123456789");
    stage.checkStatus(peer, 0, 0, 0);
    const again = get(api, parcel.value);
    checkEqual("handles left after they were taken", again.handles.length, 0);
  },
};

const conflictingGets: TableCase = {
  name: "BeginGet.Conflicts",
  run: (stage) => {
    const { api } = stage;
    const [a, b] = stage.open();
    for (const text of ["1", "2", "3"]) stage.put(a, text);
    const overlapped = beginGet(api, b, null, IPCZ_BEGIN_GET_OVERLAPPED);
    checkResult("overlapped BeginGet", overlapped.result, OK);
    stage.checkStatus(b, 0, 2, 2);
    const refused = beginGet(api, b).result;
    checkResult("exclusive BeginGet beside it", refused, IPCZ_RESULT_ALREADY_EXISTS);
    stage.get(b, "2");
    // An aborted overlapped get has dropped its parcel, not put it back.
    const aborted = api.EndGet(b, overlapped.transaction, IPCZ_END_GET_ABORT, null, null);
    checkResult("EndGet with ABORT", aborted, OK);
    const exclusive = beginGet(api, b);
    checkEqual("bytes shown by the exclusive get", textOf(exclusive.data), "3");
    checkResult("Get beside it", get(api, b).result, IPCZ_RESULT_ALREADY_EXISTS);
    checkResult("EndGet", api.EndGet(b, exclusive.transaction, 0, null, null), OK);
    stage.checkStatus(b, 0, 0, 0);
  },
};

const partialPut: TableCase = {
  name: "BeginPut.AllowPartial",
  run: (stage) => {
    const { portals } = stage.link();
    for (const wanted of [0, 1, 4088, 4089, 100_000, 5_000_000]) {
      const { result, numBytes, data, transaction } = beginPut(
        stage.api,
        portals[0],
        wanted,
        IPCZ_BEGIN_PUT_ALLOW_PARTIAL,
      );
      checkResult("BeginPut", result, OK);
      check(numBytes <= wanted, "a partial put gives no more than was asked for");
      check(numBytes >= Math.min(wanted, 4088), "a partial put gives at least 4088 bytes");
      data?.fill(7);
      const ended = stage.api.EndPut(portals[0], transaction, numBytes, null, 0, 0, null);
      checkResult("EndPut", ended, OK);
      const { bytes } = get(stage.api, portals[1]);
      checkEqual("bytes that arrive", bytes.length, numBytes);
      check(
        bytes.every((byte) => byte === 7),
        "the bytes that arrive are those written",
      );
    }
  },
};

/** Parcels: APITest 12 to 16 and 18 to 20, then some of our own. */
export const parcelsSuite: readonly TableCase[] = [
  putGet,
  beginEndPutFailure,
  beginEndGetFailure,
  twoPhasePutGet,
  overlappedTwoPhasePuts,
  rejectInvalid,
  rejectLocal,
  rejectRemote,
  putIntoNothing,
  getFromDead,
  partialGet,
  partialGetKeepsRest,
  conflictingGets,
  partialPut,
];
