/**
 * Every call with arguments that work, and each of its arguments wrong in every way there is (spec: api 2.3).
 *
 * This is data: `arguments.suite.ts` makes a test of each wrong argument.
 */
import {
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_DRIVER_SIZE,
  IPCZ_END_PUT_ABORT,
  IPCZ_MAX_INITIAL_PORTALS,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OUT_OF_RANGE,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_PEER_CLOSED,
  type IpczAPI,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import type { Bench, HandleKind } from "./bench.ts";
import {
  bytesOf,
  conditions,
  emptyContents,
  emptyStatus,
  handleCell,
  transactionCell,
} from "./calls.ts";

/** The name of a call. */
export type CallName = keyof Omit<IpczAPI, "size">;

/** Arguments changed, and the answer that is due. */
export interface Fault {
  /** In words: "no data with a count". */
  readonly what: string;
  /** By position: what to pass instead. */
  readonly instead: (bench: Bench) => Readonly<Record<number, unknown>>;
  readonly due: IpczResult;
  /** Passes a handle that could be one, and names nothing. */
  readonly madeUp: boolean;
  /** The call fails but is documented to write an output or take an argument: do not compare those. */
  readonly hasEffect: boolean;
}

/** A call and all that can be wrong with it. */
export interface CallUnderTest {
  readonly call: CallName;
  /** Tells calls apart that have two rows: "of a parcel". */
  readonly variant: string;
  /** Arguments with which it succeeds on a fresh bench. */
  readonly good: (bench: Bench) => unknown[];
  /** Notes for the bench what a successful call has consumed and made. */
  readonly settle: (bench: Bench, args: readonly unknown[]) => void;
  readonly faults: readonly Fault[];
}

const INVALID = IPCZ_RESULT_INVALID_ARGUMENT;
const KINDS: readonly HandleKind[] = ["node", "portal", "box", "parcel"];
/** What no handle of anybody can be. */
const IMPOSSIBLE: readonly number[] = [-1, 0.5, Number.NaN, Infinity];
const MADE_UP: readonly number[] = [77_777_777, 2 ** 53 - 1];

function fault(
  what: string,
  instead: Fault["instead"],
  due: IpczResult = INVALID,
  extra: Partial<Pick<Fault, "madeUp" | "hasEffect">> = {},
): Fault {
  return { what, instead, due, madeUp: false, hasEffect: false, ...extra };
}

/** What can be wrong with the handle at `position`, wrapped as the call takes it. */
function handleFaults(
  what: string,
  position: number,
  good: readonly HandleKind[],
  wrap: (handle: unknown) => unknown = (handle) => handle,
): Fault[] {
  const wrong = KINDS.filter((kind) => !good.includes(kind));
  const madeUp = { madeUp: true };
  return [
    fault(`${what} 0`, () => ({ [position]: wrap(0) })),
    ...wrong.map((kind) =>
      fault(`a ${kind} as ${what}`, ({ live }) => ({ [position]: wrap(live[kind]) })),
    ),
    fault(`a listener as ${what}`, ({ listener }) => ({ [position]: wrap(listener) })),
    ...good.map((kind) =>
      fault(
        `a closed ${kind} as ${what}`,
        ({ stale }) => ({ [position]: wrap(stale[kind]) }),
        INVALID,
        madeUp,
      ),
    ),
    ...IMPOSSIBLE.map((number) =>
      fault(`${String(number)} as ${what}`, () => ({ [position]: wrap(number) })),
    ),
    ...MADE_UP.map((number) =>
      fault(`${String(number)} as ${what}`, () => ({ [position]: wrap(number) }), INVALID, madeUp),
    ),
    fault(
      `a driver's handle as ${what}`,
      ({ memory }) => ({ [position]: wrap(memory) }),
      INVALID,
      madeUp,
    ),
  ];
}

/** Null, or a struct of every size that is too small and stands for others. */
function structFaults(
  what: string,
  position: number,
  needed: number,
  make: (bench: Bench) => object,
  mayBeNull = false,
): Fault[] {
  const none = mayBeNull ? [] : [fault(`no ${what}`, () => ({ [position]: null }))];
  const short = [0, 1, needed - 1].map((size) =>
    fault(`${what} of size ${String(size)}`, (bench) => ({
      [position]: { ...make(bench), size },
    })),
  );
  return [...none, ...short];
}

/** What can be wrong with handles that are to be attached; position of the array, its count after it. */
function attachmentFaults(position: number): Fault[] {
  const counted = (...handles: unknown[]): Readonly<Record<number, unknown>> => ({
    [position]: handles,
    [position + 1]: handles.length,
  });
  return [
    fault("no handles with a count", () => ({ [position]: null, [position + 1]: 1 })),
    ...handleFaults("attached handle", position, ["portal", "box"], (handle) => [handle]),
    fault("itself attached", ({ live }) => counted(live.portal)),
    fault("its own peer attached", ({ peer }) => counted(peer)),
    fault("one portal attached twice", ({ spare }) => counted(spare, spare)),
    fault("a box attached twice", ({ live }) => counted(live.box, live.box)),
    fault("an object attached that cannot travel", ({ stuckBox }) => counted(stuckBox)),
    fault("a good handle before a bad one", ({ spare }) => counted(spare, 0)),
  ];
}

const nothing = (): void => {};

const nodeCalls: readonly CallUnderTest[] = [
  {
    call: "Close",
    variant: "",
    good: ({ spare }) => [spare, 0, null],
    settle: ({ stage, spare }) => {
      stage.forget(spare);
    },
    faults: handleFaults("handle", 0, KINDS),
  },
  {
    call: "CreateNode",
    variant: "",
    good: ({ stage }) => [stage.driver, 0, null, handleCell()],
    settle: ({ stage }, args) => {
      stage.keep((args[3] as ReturnType<typeof handleCell>).value);
    },
    faults: [
      ...structFaults("driver", 0, IPCZ_DRIVER_SIZE, ({ stage }) => stage.driver),
      ...structFaults("options", 2, IPCZ_CREATE_NODE_OPTIONS_SIZE, () => ({}), true),
      fault("no output", () => ({ 3: null })),
    ],
  },
  {
    call: "ConnectNode",
    variant: "",
    good: ({ live, transport }) => [live.node, transport, 1, 0, null, []],
    settle: ({ stage, driverObjects, transport }, args) => {
      driverObjects.delete(transport);
      stage.keep(...(args[5] as IpczHandle[]));
    },
    faults: [
      ...handleFaults("node", 0, ["node"]),
      fault("transport 0", () => ({ 1: 0 })),
      fault("no portals", () => ({ 2: 0 })),
      fault("no array", () => ({ 5: null })),
      fault(
        "too many portals",
        () => ({ 2: IPCZ_MAX_INITIAL_PORTALS + 1 }),
        IPCZ_RESULT_OUT_OF_RANGE,
      ),
    ],
  },
];

const portalCalls: readonly CallUnderTest[] = [
  {
    call: "OpenPortals",
    variant: "",
    good: ({ live }) => [live.node, 0, null, handleCell(), handleCell()],
    settle: ({ stage }, args) => {
      for (const cell of args.slice(3) as ReturnType<typeof handleCell>[]) stage.keep(cell.value);
    },
    faults: [
      ...handleFaults("node", 0, ["node"]),
      fault("no first output", () => ({ 3: null })),
      fault("no second output", () => ({ 4: null })),
    ],
  },
  {
    call: "MergePortals",
    variant: "",
    good: ({ mergeable }) => [mergeable[0], mergeable[1], 0, null],
    settle: ({ stage, mergeable }) => {
      stage.forget(...mergeable);
    },
    faults: [
      ...handleFaults("first portal", 0, ["portal"]),
      ...handleFaults("second portal", 1, ["portal"]),
      fault("one portal twice", ({ mergeable }) => ({ 1: mergeable[0] })),
      fault("a pair", ({ spare, sparePeer }) => ({ 0: spare, 1: sparePeer })),
      fault("a used first portal", ({ used }) => ({ 0: used }), IPCZ_RESULT_FAILED_PRECONDITION),
      fault("a used second portal", ({ used }) => ({ 1: used }), IPCZ_RESULT_FAILED_PRECONDITION),
    ],
  },
  {
    call: "QueryPortalStatus",
    variant: "",
    good: ({ live }) => [live.portal, 0, null, emptyStatus()],
    settle: nothing,
    faults: [
      ...handleFaults("portal", 0, ["portal"]),
      ...structFaults("status", 3, IPCZ_PORTAL_STATUS_SIZE, emptyStatus),
    ],
  },
  {
    call: "Trap",
    variant: "",
    good: ({ live }) => [
      live.portal,
      conditions(IPCZ_TRAP_PEER_CLOSED),
      nothing,
      0,
      0,
      null,
      { value: -1 },
      emptyStatus(),
    ],
    settle: nothing,
    faults: [
      ...handleFaults("portal", 0, ["portal"]),
      ...structFaults("conditions", 1, IPCZ_TRAP_CONDITIONS_SIZE, () => conditions(2)),
      fault("no handler", () => ({ 2: null })),
      ...structFaults("status", 7, IPCZ_PORTAL_STATUS_SIZE, emptyStatus, true),
      fault(
        "a condition that holds",
        ({ orphan }) => ({ 0: orphan }),
        IPCZ_RESULT_FAILED_PRECONDITION,
        { hasEffect: true },
      ),
    ],
  },
];

const putCalls: readonly CallUnderTest[] = [
  {
    call: "Put",
    variant: "",
    good: ({ live, spare }) => [live.portal, bytesOf("data"), 4, [spare], 1, 0, null],
    settle: ({ stage, spare }) => {
      stage.forget(spare);
    },
    faults: [
      ...handleFaults("portal", 0, ["portal"]),
      fault("no data with a count", () => ({ 1: null })),
      ...attachmentFaults(3),
      fault(
        "a portal whose peer is closed",
        ({ orphan }) => ({ 0: orphan }),
        IPCZ_RESULT_NOT_FOUND,
      ),
    ],
  },
  {
    call: "BeginPut",
    variant: "",
    good: ({ live }) => [live.portal, 0, null, { value: null }, { value: 4 }, transactionCell()],
    settle: nothing,
    faults: [
      ...handleFaults("portal", 0, ["portal"]),
      fault("no transaction", () => ({ 5: null })),
      fault(
        "a portal whose peer is closed",
        ({ orphan }) => ({ 0: orphan }),
        IPCZ_RESULT_NOT_FOUND,
      ),
    ],
  },
  {
    call: "EndPut",
    variant: "",
    good: ({ live, spare, pendingPut }) => [live.portal, pendingPut, 4, [spare], 1, 0, null],
    settle: ({ stage, spare }) => {
      stage.forget(spare);
    },
    faults: [
      ...handleFaults("portal", 0, ["portal"]),
      fault("transaction 0", () => ({ 1: 0 })),
      fault("a made-up transaction", () => ({ 1: 88_888_888 })),
      fault("another portal's transaction", ({ spare, used }) => ({ 0: used, 3: [spare] })),
      fault("more than the capacity", () => ({ 2: 5 })),
      ...attachmentFaults(3),
      fault("an abort without handles but with a count", () => ({
        3: null,
        5: IPCZ_END_PUT_ABORT,
      })),
      fault("an abort of transaction 0", () => ({ 1: 0, 5: IPCZ_END_PUT_ABORT })),
      fault(
        "a portal whose peer is closed",
        ({ orphan, orphanPut }) => ({ 0: orphan, 1: orphanPut }),
        IPCZ_RESULT_NOT_FOUND,
      ),
    ],
  },
];

const EXHAUSTED = IPCZ_RESULT_RESOURCE_EXHAUSTED;

/** Faults of `Get` on a source with two bytes and a handle. */
const getFaults: readonly Fault[] = [
  ...handleFaults("source", 0, ["portal", "parcel"]),
  fault("no buffer with a capacity", () => ({ 3: null })),
  fault("no handle array with a capacity", () => ({ 5: null })),
  fault("too few bytes", () => ({ 4: { value: 1 } }), EXHAUSTED, { hasEffect: true }),
  fault("no byte count", () => ({ 4: null }), EXHAUSTED, { hasEffect: true }),
  fault("too few handles", () => ({ 6: { value: 0 } }), EXHAUSTED, { hasEffect: true }),
  fault("no handle count", () => ({ 6: null }), EXHAUSTED, { hasEffect: true }),
];

/** Faults of `BeginGet` on a source with two bytes and a handle. */
const beginGetFaults: readonly Fault[] = [
  ...handleFaults("source", 0, ["portal", "parcel"]),
  fault("no handle array with a capacity", () => ({ 5: null })),
  fault("no transaction", () => ({ 7: null })),
  fault("too few handles", () => ({ 6: { value: 0 } }), EXHAUSTED, { hasEffect: true }),
  fault("no handle count", () => ({ 6: null }), EXHAUSTED, { hasEffect: true }),
];

function getArguments(source: unknown): unknown[] {
  return [source, 0, null, new Uint8Array(2), { value: 2 }, [], { value: 1 }, null];
}

function beginGetArguments(source: unknown): unknown[] {
  return [source, 0, null, { value: null }, { value: 0 }, [], { value: 1 }, transactionCell()];
}

/** The handles that a get gave are the bench's to close. */
function keepGiven({ stage }: Bench, args: readonly unknown[]): void {
  stage.keep(...(args[5] as IpczHandle[]));
}

const getCalls: readonly CallUnderTest[] = [
  {
    call: "Get",
    variant: "",
    good: ({ full }) => getArguments(full),
    settle: keepGiven,
    faults: getFaults,
  },
  {
    call: "Get",
    variant: " of a parcel",
    good: ({ live }) => getArguments(live.parcel),
    settle: keepGiven,
    faults: getFaults.filter(({ what }) => !what.includes("source")),
  },
  {
    call: "BeginGet",
    variant: "",
    good: ({ full }) => beginGetArguments(full),
    settle: keepGiven,
    faults: [
      ...beginGetFaults,
      fault(
        "a portal with a get pending",
        ({ getting }) => ({ 0: getting }),
        IPCZ_RESULT_ALREADY_EXISTS,
      ),
    ],
  },
  {
    call: "BeginGet",
    variant: " of a parcel",
    good: ({ live }) => beginGetArguments(live.parcel),
    settle: keepGiven,
    faults: [
      ...beginGetFaults.filter(({ what }) => !what.includes("source")),
      fault("OVERLAPPED", () => ({ 1: IPCZ_BEGIN_GET_OVERLAPPED })),
    ],
  },
  {
    call: "EndGet",
    variant: "",
    good: ({ getting, pendingGet }) => [getting, pendingGet, 0, null, null],
    settle: nothing,
    faults: [
      ...handleFaults("source", 0, ["portal", "parcel"]),
      fault("transaction 0", () => ({ 1: 0 })),
      fault("a made-up transaction", () => ({ 1: 88_888_888 })),
      fault("another portal's transaction", ({ full }) => ({ 0: full })),
    ],
  },
];

const boxCalls: readonly CallUnderTest[] = [
  {
    call: "Box",
    variant: "",
    good: ({ live, memory }) => [
      live.node,
      { ...emptyContents(), driverObject: memory },
      0,
      null,
      handleCell(),
    ],
    settle: ({ stage, driverObjects, memory }, args) => {
      driverObjects.delete(memory);
      stage.keep((args[4] as ReturnType<typeof handleCell>).value);
    },
    faults: [
      ...handleFaults("node", 0, ["node"]),
      ...structFaults("contents", 1, IPCZ_BOX_CONTENTS_SIZE, ({ memory }) => ({
        ...emptyContents(),
        driverObject: memory,
      })),
      fault("driver object 0", () => ({ 1: emptyContents() })),
      ...[IPCZ_BOX_TYPE_SUBPARCEL, 3, 99].map((type) =>
        fault(
          `contents of type ${String(type)}`,
          ({ memory }) => ({ 1: { ...emptyContents(), type, driverObject: memory } }),
          IPCZ_RESULT_UNIMPLEMENTED,
        ),
      ),
      fault("no output", () => ({ 4: null })),
    ],
  },
  {
    call: "Unbox",
    variant: "",
    good: ({ live }) => [live.box, 0, null, emptyContents()],
    settle: ({ stage, live, driverObjects }, args) => {
      stage.forget(live.box);
      driverObjects.add((args[3] as ReturnType<typeof emptyContents>).driverObject);
    },
    faults: [
      ...handleFaults("box", 0, ["box"]),
      ...structFaults("contents", 3, IPCZ_BOX_CONTENTS_SIZE, emptyContents),
    ],
  },
];

/** Every call but `Reject`, which succeeds only on a parcel from elsewhere, and flags, which are never wrong. */
export const callsUnderTest: readonly CallUnderTest[] = [
  ...nodeCalls,
  ...portalCalls,
  ...putCalls,
  ...getCalls,
  ...boxCalls,
];

/** The wrong handles for `Reject`, and a parcel that came from nowhere else. */
export const rejectFaults: readonly Fault[] = [
  ...handleFaults("parcel", 0, ["parcel"]),
  fault("a local parcel", ({ live }) => ({ 0: live.parcel }), IPCZ_RESULT_FAILED_PRECONDITION),
];
