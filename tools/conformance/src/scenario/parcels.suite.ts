/**
 * Parcels that came from another node, taken in pieces: parcel objects, two-phase and partial gets (spec: api 5.6).
 */
import {
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_BEGIN_GET_PARTIAL,
  IPCZ_END_GET_ABORT,
  IPCZ_GET_PARTIAL,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  type IpczHandle,
  type IpczTransaction,
} from "@ipcz/api";
import { beginGet, get, handleCell, textOf, type GetBegun } from "../table/calls.ts";
import { checkEqual, checkResult } from "../table/expect.ts";
import { scenario, type NodeBody, type Scenario, type Story } from "./scenario.ts";
import type { TestNode } from "./test-node.ts";
import { at, single, two } from "./tuples.ts";
import { each, times } from "../table/turns.ts";

const TEXT = "a parcel from another node";

/** Sends one parcel with `portals` portals; answers a ping at each, then at the last sees all of them closed. */
function sender(portals: number): NodeBody {
  return async (node) => {
    const toMain = single(node.connectToParent());
    const pairs = Array.from({ length: portals }, () => node.open());
    node.put(
      toMain,
      TEXT,
      pairs.map(([, far]) => far),
    );
    const near = pairs.map(([mine]) => mine);
    await node.waitForDeath(...near);
    node.close(...near, toMain);
  };
}

/** A story in which the main node plays with what the other one has sent. */
function receiving(portals: number, play: (node: TestNode, portal: IpczHandle) => void): Story {
  return {
    nodes: { sender: sender(portals) },
    main: async (node) => {
      const portal = single(await node.spawn("sender"));
      await node.waitFor(portal, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS);
      play(node, portal);
      await node.waitForPeerClosed(portal);
      node.close(portal);
    },
  };
}

/** Takes the head parcel of `portal` as an object, with all that is in it. */
function takeParcel(node: TestNode, portal: IpczHandle): IpczHandle {
  const parcel = handleCell();
  const result = node.api.Get(portal, IPCZ_GET_PARTIAL, null, null, null, null, null, parcel);
  checkResult("Get as an object", result, IPCZ_RESULT_OK);
  node.own("parcel", parcel.value);
  return parcel.value;
}

function endGet(node: TestNode, source: IpczHandle, transaction: IpczTransaction, flags = 0): void {
  const result = node.api.EndGet(source, transaction, flags, null, null);
  checkResult("EndGet", result, IPCZ_RESULT_OK);
}

/** Begins a get that must succeed with `handles` handles and show the parcel's text. */
function beginGetOk(
  node: TestNode,
  source: IpczHandle,
  capacity: number,
  flags: number,
  text: string = TEXT,
): GetBegun {
  const begun = beginGet(node.api, source, capacity, flags);
  checkResult("BeginGet", begun.result, IPCZ_RESULT_OK);
  checkEqual("bytes shown by a two-phase get", textOf(begun.data), text);
  checkEqual("byte count of a two-phase get", begun.numBytes, text.length);
  checkEqual("handles moved by a two-phase get", begun.handles.length, capacity);
  node.own("handle taken by BeginGet", ...begun.handles);
  return begun;
}

const getParcelObject = scenario(
  "ParcelTest.Get",
  receiving(1, (node, portal) => {
    const parcel = takeParcel(node, portal);
    checkEqual("parcels left in the portal", node.status(portal).numLocalParcels, 0);
    checkResult("Get from the portal", get(node.api, portal).result, IPCZ_RESULT_UNAVAILABLE);
    refuseTooSmall(node, parcel);
    const first = node.get(parcel);
    checkEqual("text of the parcel object", first.text, TEXT);
    const inside = single(first.handles);
    const second = node.get(parcel);
    checkEqual("text at the second get", second.text, TEXT);
    checkEqual("handles at the second get", second.handles.length, 0);
    node.close(parcel, inside);
  }),
);

/** What a parcel object with one handle answers to gets that cannot work; nothing is taken. */
function refuseTooSmall(node: TestNode, parcel: IpczHandle): void {
  const bytes = { value: 0 };
  const handles = { value: 0 };
  const sized = node.api.Get(parcel, 0, null, null, bytes, null, handles, null);
  checkResult("Get with no room", sized, IPCZ_RESULT_RESOURCE_EXHAUSTED);
  checkEqual("bytes needed", bytes.value, TEXT.length);
  checkEqual("handles needed", handles.value, 1);
  const noBytes = node.api.Get(parcel, 0, null, null, { value: TEXT.length }, null, null, null);
  checkResult("Get without a buffer", noBytes, IPCZ_RESULT_INVALID_ARGUMENT);
  const noHandles = node.api.Get(parcel, 0, null, null, null, null, { value: 1 }, null);
  checkResult("Get without a handle array", noHandles, IPCZ_RESULT_INVALID_ARGUMENT);
}

const twoPhaseGet = scenario(
  "ParcelTest.TwoPhaseGet",
  receiving(1, (node, portal) => {
    const parcel = takeParcel(node, portal);
    const without = beginGet(node.api, parcel);
    checkResult("BeginGet without a capacity", without.result, IPCZ_RESULT_RESOURCE_EXHAUSTED);
    const tooSmall = beginGet(node.api, parcel, 0);
    checkResult("BeginGet with no room", tooSmall.result, IPCZ_RESULT_RESOURCE_EXHAUSTED);
    checkEqual("handles needed", tooSmall.numHandles, 1);

    const { transaction, handles } = beginGetOk(node, parcel, 1, 0);
    const second = beginGet(node.api, parcel, 1);
    checkResult("BeginGet during a get", second.result, IPCZ_RESULT_ALREADY_EXISTS);
    const plain = get(node.api, parcel).result;
    checkResult("Get during a two-phase get", plain, IPCZ_RESULT_ALREADY_EXISTS);
    endGet(node, parcel, transaction, IPCZ_END_GET_ABORT);
    // The bytes can be read again; the handle was ours from BeginGet on.
    endGet(node, parcel, beginGetOk(node, parcel, 0, 0).transaction);
    node.close(parcel, ...handles);
  }),
);

const closeParcel = scenario(
  "ParcelTest.Close",
  // The sender ends only when its portals are dead, that is, when the two in the parcel were closed with it.
  receiving(2, (node, portal) => {
    node.close(takeParcel(node, portal));
  }),
);

const partialGetOnPortal = scenario(
  "ParcelTest.PartialTwoPhaseGetOnPortal",
  receiving(2, (node, portal) => {
    const tooSmall = beginGet(node.api, portal, 1);
    checkResult("BeginGet with too little room", tooSmall.result, IPCZ_RESULT_RESOURCE_EXHAUSTED);
    checkEqual("handles needed", tooSmall.numHandles, 2);
    const none = beginGetOk(node, portal, 0, IPCZ_BEGIN_GET_PARTIAL);
    endGet(node, portal, none.transaction, IPCZ_END_GET_ABORT);
    const one = beginGetOk(node, portal, 1, IPCZ_BEGIN_GET_PARTIAL);
    endGet(node, portal, one.transaction, IPCZ_END_GET_ABORT);
    checkEqual("parcels after two aborts", node.status(portal).numLocalParcels, 1);
    const rest = beginGetOk(node, portal, 1, 0);
    endGet(node, portal, rest.transaction);
    checkEqual("parcels after the commit", node.status(portal).numLocalParcels, 0);
    node.close(...one.handles, ...rest.handles);
  }),
);

const partialGetOnParcel = scenario(
  "ParcelTest.PartialTwoPhaseGetOnParcel",
  receiving(2, (node, portal) => {
    const parcel = takeParcel(node, portal);
    const tooSmall = beginGet(node.api, parcel, 1);
    checkResult("BeginGet with too little room", tooSmall.result, IPCZ_RESULT_RESOURCE_EXHAUSTED);
    checkEqual("handles needed", tooSmall.numHandles, 2);
    const none = beginGetOk(node, parcel, 0, IPCZ_BEGIN_GET_PARTIAL);
    endGet(node, parcel, none.transaction);
    const one = beginGetOk(node, parcel, 1, IPCZ_BEGIN_GET_PARTIAL);
    endGet(node, parcel, one.transaction);
    const rest = beginGetOk(node, parcel, 1, 0);
    endGet(node, parcel, rest.transaction);
    node.close(parcel, ...one.handles, ...rest.handles);
  }),
);

const OVERLAPPED_TEXTS = ["1", "2", "3"];

const overlappedGets = scenario("ParcelTest.OverlappedTwoPhaseGets", {
  nodes: {
    sender: async (node) => {
      const toMain = single(node.connectToParent());
      for (const text of OVERLAPPED_TEXTS) node.put(toMain, text);
      await node.waitForPeerClosed(toMain);
      node.close(toMain);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("sender"));
    await node.waitFor(portal, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, OVERLAPPED_TEXTS.length - 1);
    const exclusive = beginGetOk(node, portal, 0, 0, "1");
    await each([0, IPCZ_BEGIN_GET_OVERLAPPED], (flags) => {
      const { result } = beginGet(node.api, portal, null, flags);
      checkResult("BeginGet during an exclusive get", result, IPCZ_RESULT_ALREADY_EXISTS);
    });
    endGet(node, portal, exclusive.transaction, IPCZ_END_GET_ABORT);
    const gets = OVERLAPPED_TEXTS.map((text) =>
      beginGetOk(node, portal, 0, IPCZ_BEGIN_GET_OVERLAPPED, text),
    );
    checkEqual("parcels left to read", node.status(portal).numLocalParcels, 0);
    for (const { transaction } of gets) endGet(node, portal, transaction);
    node.close(portal);
  },
});

const SIZES = [0, 1, 63, 64, 4096, 65_537, 1_048_576, 3_000_001];

/** Bytes of a pattern that repeats in no power of two. */
function pattern(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) bytes[index] = (index * 7 + (index >> 8)) % 251;
  return bytes;
}

/** Parcels below, at and above every size class of shared memory, by put and by two-phase put. */
const everySize = scenario("ParcelTest.EverySizeBothWays", {
  nodes: {
    echo: async (node) => {
      const portal = single(node.connectToParent());
      await times(2 * SIZES.length, async () => {
        const { bytes } = await node.waitToGet(portal);
        const begun = node.beginPut(portal, bytes.length);
        begun.data?.set(bytes);
        node.endPut(portal, begun.transaction, bytes.length);
      });
      await node.waitForPeerClosed(portal);
      node.close(portal);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("echo"));
    const patterns = SIZES.map(pattern);
    // Once through queues that the handshake has not opened yet, once over the living link.
    await times(2, async () => {
      for (const bytes of patterns) node.put(portal, bytes);
      await each(patterns, async (sent) => {
        const { bytes } = await node.waitToGet(portal);
        checkEqual("size of what came back", bytes.length, sent.length);
        checkEqual("difference of what came back", Buffer.compare(bytes, sent), 0);
      });
    });
    node.close(portal);
  },
});

/** A parcel object can be dropped with a get pending on it, and with portals of another node inside. */
const closeDuringGet = scenario("ParcelTest.CloseDuringTwoPhaseGet", {
  ...receiving(2, (node, portal) => {
    const parcel = takeParcel(node, portal);
    const { handles } = beginGetOk(node, parcel, 1, IPCZ_BEGIN_GET_PARTIAL);
    node.close(parcel);
    node.close(at(handles, 0));
  }),
});

/** Attachments keep their places in a parcel that carries both kinds. */
const mixedAttachments = scenario("ParcelTest.AttachmentsKeepTheirPlaces", {
  nodes: {
    client: async (node) => {
      const fromMain = single(node.connectToParent());
      const { handles } = await node.waitToGet(fromMain);
      checkEqual("number of attachments", handles.length, 4);
      const [first, second] = two([at(handles, 0), at(handles, 2)]);
      checkEqual("text in the first box", node.unboxBlob(at(handles, 1)), "box 1");
      checkEqual("text in the second box", node.unboxBlob(at(handles, 3)), "box 3");
      node.put(first, "portal 0");
      node.put(second, "portal 2");
      await node.waitForPeerClosed(first, second);
      node.close(first, second, fromMain);
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const [first, firstFar] = node.open();
    const [second, secondFar] = node.open();
    node.put(toClient, "mixed", [
      firstFar,
      node.boxBlob("box 1"),
      secondFar,
      node.boxBlob("box 3"),
    ]);
    await node.waitForText(first, "portal 0");
    await node.waitForText(second, "portal 2");
    node.close(first, second);
    await node.waitForPeerClosed(toClient);
    node.close(toClient);
  },
});

/** Parcels, by the names of spec: api 5.6, and three of our own at the end. */
export const parcelsSuite: readonly Scenario[] = [
  getParcelObject,
  twoPhaseGet,
  closeParcel,
  partialGetOnPortal,
  partialGetOnParcel,
  overlappedGets,
  everySize,
  closeDuringGet,
  mixedAttachments,
];
