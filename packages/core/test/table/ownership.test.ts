/**
 * Who owns what when a call fails, and what a handle is good for (spec: api 2.1, 2.3). What every implementation does
 * is tested by the conformance suite; here is what that cannot see.
 */
import {
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_END_GET_ABORT,
  IPCZ_END_PUT_ABORT,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_INVALID_ARGUMENT as INVALID,
  IPCZ_RESULT_NOT_FOUND as NOT_FOUND,
  IPCZ_RESULT_OK as OK,
  IPCZ_TRAP_REMOVED,
  IPCZ_TRAP_WITHIN_API_CALL,
  IPCZ_UNBOX_PEEK,
  type IpczHandle,
  type IpczTransaction,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { parcelOf } from "../routing/bench.ts";
import { cell, TableBench } from "./table-bench.ts";

describe("put", () => {
  it("of the same handle twice changes nothing", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    expect(bench.put(a, "twice", [c, c])).toBe(INVALID);
    expect([bench.status(b).parcels, bench.status(d).flags]).toEqual([0, 0]);
    expect(bench.put(c, "still there")).toBe(OK);
    bench.end(a, b, c, d);
  });

  it("that is refused leaves its handles as they were, also when the peer's end is only known", () => {
    const bench = new TableBench();
    const [a, b] = bench.link();
    const [c, d] = bench.open();
    const router = bench.core.portal(a);
    // The closure has overtaken a parcel.
    bench.core.call(() => {
      router?.acceptRouteClosed("central", 1);
      return OK;
    });
    expect(bench.status(a).flags).toBe(0);
    expect(bench.put(a, "refused", [c])).toBe(NOT_FOUND);
    const begun = bench.beginPut(a, 10);
    expect(begun.result, "it does not show yet").toBe(OK);
    expect(bench.api.EndPut(a, begun.transaction, 10, [c], 1, 0, null)).toBe(NOT_FOUND);
    expect(bench.api.EndPut(a, begun.transaction, 10, [], 0, 0, null), "it is over").toBe(INVALID);
    bench.core.call(() => {
      router?.acceptParcel("central", parcelOf("0", 0));
      return OK;
    });
    expect(bench.beginPut(a, 10).result).toBe(NOT_FOUND);
    expect([bench.status(c).flags, bench.status(d).flags]).toEqual([0, 0]);
    bench.end(a, b, c, d);
  });

  it("in two phases keeps its transaction through mistakes, and ends it otherwise", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const { transaction, data } = bench.beginPut(a, 4);
    data?.set([0x61, 0x62, 0x63, 0x64]);
    const end = (t: IpczTransaction, bytes: number, handles: IpczHandle[], flags = 0) =>
      bench.api.EndPut(a, t, bytes, handles, handles.length, flags, null);
    expect(end(transaction, 5, [])).toBe(INVALID);
    expect(end(transaction, 4, [b])).toBe(INVALID);
    expect(end(0 as IpczTransaction, 4, [])).toBe(INVALID);
    expect(end((transaction + 1) as IpczTransaction, 4, [])).toBe(INVALID);
    expect(end(transaction, 3, [])).toBe(OK);
    expect(end(transaction, 3, [])).toBe(INVALID);
    expect(bench.get(b).text).toBe("abc");
    const aborted = bench.beginPut(a, 4);
    expect(end(aborted.transaction, 99, [], IPCZ_END_PUT_ABORT)).toBe(OK);
    expect(bench.status(b).parcels).toBe(0);
    bench.end(a, b);
  });

  it("in two phases without a size has none", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const transaction = { value: 0 as IpczTransaction };
    expect(bench.api.BeginPut(a, 0, null, null, null, transaction)).toBe(OK);
    expect(bench.api.EndPut(a, transaction.value, 1, null, 0, 0, null)).toBe(INVALID);
    expect(bench.api.EndPut(a, transaction.value, 0, null, 0, 0, null)).toBe(OK);
    expect([bench.status(b).parcels, bench.status(b).bytes]).toEqual([1, 0]);
    bench.end(a, b);
  });

  it("in two phases gives its memory back with the portal", () => {
    const bench = new TableBench();
    const [a, b] = bench.link();
    expect(bench.beginPut(a, 100).result).toBe(OK);
    expect(bench.beginPut(a, 2000).result).toBe(OK);
    bench.end(a, b);
  });
});

describe("get in two phases", () => {
  it("that is aborted leaves the data and keeps the handles it gave", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    const [e, f] = bench.open();
    bench.put(a, "whole", [c, e]);
    const handles: IpczHandle[] = [];
    const count = { value: 1 };
    const transaction = { value: 0 as IpczTransaction };
    const begun = bench.api.BeginGet(b, 1, null, null, null, handles, count, transaction);
    expect([begun, count.value]).toEqual([OK, 1]);
    expect(bench.api.EndGet(b, transaction.value, IPCZ_END_GET_ABORT, null, null)).toBe(OK);
    const rest = bench.get(b);
    expect([rest.text, rest.handles.length]).toEqual(["whole", 1]);
    expect([bench.status(d).flags, bench.status(f).flags]).toEqual([0, 0]);
    bench.end(a, b, d, f, ...handles, ...rest.handles);
  });

  it("ends when its portal moves, and the parcel moves along", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const [a, b] = bench.open();
    bench.put(a, "shown, then moved");
    const { transaction, text } = bench.beginGet(b);
    const overlapped = bench.beginGet(b, 2);
    expect([text, overlapped.result]).toEqual(["shown, then moved", IPCZ_RESULT_ALREADY_EXISTS]);
    expect(bench.put(near, "", [b])).toBe(OK);
    const [moved = IPCZ_INVALID_HANDLE] = bench.get(far).handles;
    expect(bench.api.EndGet(moved, transaction, 0, null, null)).toBe(INVALID);
    expect(bench.get(moved).text).toBe("shown, then moved");
    bench.end(near, far, a, moved);
  });

  it("of several parcels at once gives each its own, and closes what is not taken", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    bench.put(a, "1", [c]);
    bench.put(a, "2");
    const one = bench.beginGet(b, 2 | 1);
    const two = bench.beginGet(b, 2);
    expect([one.text, two.text, bench.status(b).parcels]).toEqual(["1", "2", 0]);
    expect(bench.api.EndGet(b, two.transaction, 0, null, null)).toBe(OK);
    expect(bench.status(d).flags).toBe(0);
    expect(bench.api.EndGet(b, one.transaction, IPCZ_END_GET_ABORT, null, null)).toBe(OK);
    expect(bench.status(d).flags).not.toBe(0);
    bench.end(a, b, d);
  });
});

describe("get in two phases, of a parcel without bytes", () => {
  it("shows no data, and gives what is attached", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    bench.put(a, "", [c]);
    const data = { value: new Uint8Array(1) as Uint8Array | null };
    const [numBytes, count] = [{ value: 7 }, { value: 1 }];
    const transaction = { value: 0 as IpczTransaction };
    const handles: IpczHandle[] = [];
    expect(bench.api.BeginGet(b, 0, null, data, numBytes, handles, count, transaction)).toBe(OK);
    expect([data.value, numBytes.value, count.value]).toEqual([null, 0, 1]);
    expect(bench.api.EndGet(b, transaction.value, 0, null, null)).toBe(OK);
    bench.end(a, b, d, ...handles);
  });
});

describe("the end of a get in two phases", () => {
  it("may keep the parcel, from a portal or from a parcel", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    bench.put(a, "kept");
    const [parcel, same] = [cell(), cell()];
    const ofPortal = bench.beginGet(b);
    expect(bench.api.EndGet(b, ofPortal.transaction, 0, null, parcel)).toBe(OK);
    expect(bench.status(b).parcels).toBe(0);
    const ofParcel = bench.beginGet(parcel.value);
    expect(ofParcel.text).toBe("kept");
    expect(bench.api.EndGet(parcel.value, ofParcel.transaction, 0, null, same)).toBe(OK);
    bench.close(parcel.value);
    expect(bench.get(same.value).text).toBe("kept");
    bench.end(a, b, same.value);
  });
});

describe("merging", () => {
  it("drops the traps and transactions of both portals", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    const events: number[] = [];
    const conditions = { size: 32, flags: 2, minLocalParcels: 0, minLocalBytes: 0 };
    const handler = (event: { conditionFlags: number }): void => {
      events.push(event.conditionFlags);
    };
    expect(bench.api.Trap(b, conditions, handler, 1, 0, null, null, null)).toBe(OK);
    bench.put(a, "not read yet");
    const { transaction } = bench.beginGet(b);
    bench.beginPut(c, 100);
    expect(bench.api.MergePortals(b, c, 0, null)).toBe(OK);
    expect(events).toEqual([IPCZ_TRAP_REMOVED | IPCZ_TRAP_WITHIN_API_CALL]);
    expect(bench.api.EndGet(b, transaction, 0, null, null)).toBe(INVALID);
    expect(bench.get(d).text).toBe("not read yet");
    expect(bench.put(d, "and back")).toBe(OK);
    expect(bench.get(a).text).toBe("and back");
    bench.end(a, d);
  });
});

describe("subparcels", () => {
  it("can be peeked at in their box, and taken out", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const [inside, peer] = bench.open();
    expect(bench.put(near, "outer", [bench.boxThing("inner", [inside])])).toBe(OK);
    const [box = IPCZ_INVALID_HANDLE] = bench.get(far).handles;
    const peeked = bench.unbox(box, IPCZ_UNBOX_PEEK);
    expect(peeked.type).toBe(IPCZ_BOX_TYPE_SUBPARCEL);
    expect(bench.unbox(box, IPCZ_UNBOX_PEEK).subparcel).toBe(peeked.subparcel);
    expect(bench.api.Close(peeked.subparcel, 0, null), "it is the box's").toBe(INVALID);
    // What is taken out by a peek is really gone from the box.
    const [handles, count] = [[] as IpczHandle[], { value: 1 }];
    expect(bench.api.Get(peeked.subparcel, 1, null, null, null, handles, count, null)).toBe(OK);
    const taken = bench.unbox(box);
    expect(bench.api.Get(peeked.subparcel, 1, null, null, null, null, null, null)).toBe(INVALID);
    const rest = bench.get(taken.subparcel);
    expect([rest.text, rest.handles]).toEqual(["inner", []]);
    bench.end(near, far, peer, taken.subparcel, ...handles);
  });

  it("that are peeked at may give further handles, which can be closed", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    bench.put(near, "", [bench.boxThing("inner")]);
    const [box = IPCZ_INVALID_HANDLE] = bench.get(far).handles;
    const { subparcel } = bench.unbox(box, IPCZ_UNBOX_PEEK);
    const other = cell();
    expect(bench.api.Get(subparcel, 1, null, null, null, null, null, other)).toBe(OK);
    bench.close(other.value);
    expect(bench.api.Close(other.value, 0, null)).toBe(INVALID);
    expect(bench.get(subparcel).text).toBe("inner");
    bench.end(near, far, box);
  });

  it("travel on in their box", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const [inside, peer] = bench.open();
    bench.put(near, "", [bench.boxThing("inner", [inside])]);
    const [box = IPCZ_INVALID_HANDLE] = bench.get(far).handles;
    expect(bench.put(far, "and back", [box])).toBe(OK);
    const [again = IPCZ_INVALID_HANDLE] = bench.get(near).handles;
    const { subparcel } = bench.unbox(again);
    const back = bench.get(subparcel);
    expect([back.text, back.handles.length]).toEqual(["inner", 1]);
    bench.end(near, far, peer, subparcel, ...back.handles);
  });

  it("are refused by a portal through which what is inside must not go", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const [inside, peer] = bench.open();
    bench.put(near, "", [bench.boxThing("inner", [inside])]);
    const { handles } = bench.get(far);
    // The portal in the box and `peer` are a local pair again.
    const [again, other] = [bench.put(far, "", handles), bench.get(near)];
    expect(again).toBe(OK);
    expect(bench.put(peer, "", other.handles)).toBe(INVALID);
    bench.end(near, far, peer, ...other.handles);
  });

  it("are closed with their box, and with everything inside", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const [inside, peer] = bench.open();
    bench.put(near, "", [bench.boxThing("inner", [inside])]);
    const [box = IPCZ_INVALID_HANDLE] = bench.get(far).handles;
    bench.unbox(box, IPCZ_UNBOX_PEEK);
    expect(bench.status(peer).flags).toBe(0);
    bench.close(box);
    expect(bench.status(peer).flags).not.toBe(0);
    bench.end(near, far, peer);
  });

  it("have no source to reject, unlike the parcel they came in", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    bench.put(near, "outer", [bench.boxThing("inner")]);
    const parcel = cell();
    bench.api.Get(far, 1, null, null, null, null, null, parcel);
    const [handles, count] = [[] as IpczHandle[], { value: 1 }];
    bench.api.Get(parcel.value, 1, null, null, null, handles, count, null);
    const { subparcel } = bench.unbox(handles[0]!);
    expect(bench.api.Reject(subparcel, "inner", 0, null)).not.toBe(OK);
    expect(bench.api.Reject(parcel.value, "outer", 0, null)).toBe(OK);
    bench.end(near, far, parcel.value, subparcel);
  });
});

describe("handles", () => {
  it("of one kind are refused where another is wanted", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const box = bench.boxThing("x");
    bench.put(a, "x");
    const parcel = cell();
    bench.api.Get(b, 1, null, null, null, null, null, parcel);
    const contents = { size: 40, type: 0 } as never;
    for (const wrong of [bench.node, box, parcel.value])
      expect(bench.put(wrong, "x")).toBe(INVALID);
    for (const wrong of [bench.node, a, parcel.value])
      expect(bench.api.Unbox(wrong, 0, null, contents)).toBe(INVALID);
    for (const wrong of [bench.node, a, box])
      expect(bench.api.Reject(wrong, 0, 0, null)).toBe(INVALID);
    for (const wrong of [bench.node, parcel.value, a, b])
      expect(bench.put(a, "x", [wrong])).toBe(INVALID);
    bench.end(a, b, box, parcel.value);
  });

  it("of another table, and those lent to drivers, are refused", () => {
    const bench = new TableBench();
    const other = new TableBench(0.25);
    const [a, b] = bench.open();
    other.open();
    expect([other.put(a, "x"), other.api.Close(a, 0, null)]).toEqual([INVALID, INVALID]);
    const lent = bench.core.lend();
    expect(bench.api.Close(lent, 0, null)).toBe(INVALID);
    bench.core.takeBack(lent);
    bench.end(a, b);
  });

  it("name the same parcel several times, and each is closed on its own", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    bench.put(a, "shared", [c]);
    const [one, two] = [cell(), cell()];
    bench.api.Get(b, 1, null, null, null, null, null, one);
    bench.api.Get(one.value, 1, null, null, null, null, null, two);
    bench.close(one.value);
    expect(bench.status(d).flags).toBe(0);
    const got = bench.get(two.value);
    expect([got.text, got.handles.length]).toEqual(["shared", 1]);
    bench.end(a, b, d, two.value, ...got.handles);
  });
});

describe("an object that cannot be serialized", () => {
  it("cuts the route that it should have left by", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const box = cell();
    const contents = {
      size: 40,
      type: 1,
      driverObject: 0 as never,
      applicationObject: "thing",
      subparcel: IPCZ_INVALID_HANDLE,
      serializer: null,
      destructor: null,
    };
    expect(bench.api.Box(bench.node, contents, 0, null, box)).toBe(OK);
    expect(bench.put(near, "local objects only", [box.value])).toBe(OK);
    expect([bench.status(near).flags, bench.status(far).flags]).toEqual([3, 3]);
    bench.end(near, far);
  });

  it("because its serializer gives a handle that is none, closes the others it gave", () => {
    const bench = new TableBench();
    const [near, far] = bench.link();
    const [inside, peer] = bench.open();
    const box = bench.boxThing("x", [inside, 12_345 as IpczHandle]);
    expect(bench.put(near, "", [box])).toBe(OK);
    expect([bench.status(near).flags, bench.status(peer).flags]).toEqual([3, 3]);
    bench.end(near, far, peer);
  });
});
