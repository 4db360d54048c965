/**
 * What reaches native code, byte by byte, and what comes back: against a library in C that writes down its arguments.
 */
import {
  IPCZ_END_PUT_ABORT,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczAPI,
  type IpczBoxContents,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransaction,
  type IpczTrapEvent,
} from "@ipcz/api";
import { memDriver } from "@ipcz/driver-mem";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { foreign } from "../../src/ffi/koffi.ts";
import { importDriver, loadNative } from "../../src/index.ts";
import { describeWithCompiler, nativeLibrary } from "../support/compiler.ts";

interface Recording {
  readonly api: IpczAPI;
  take(): string;
  answer(result: IpczResult): void;
  fire(conditions: number, flags: number, parcels: number, bytes: number): void;
  fireElsewhere(count: number): void;
  serialize(): IpczResult;
  destroy(): void;
}

function openRecording(): Recording {
  const path = nativeLibrary("recording_table");
  const library = foreign.load(path);
  return {
    api: loadNative(path),
    take: library.bind("const char *take_record(void)"),
    answer: library.bind("void answer_with(int result)"),
    fire: library.bind("void fire_trap(uint32_t conditions, uint32_t flags, size_t a, size_t b)"),
    fireElsewhere: library.bind("void fire_trap_and_wait(size_t count)"),
    serialize: library.bind("int serialize_boxed(void)"),
    destroy: library.bind("void destroy_boxed(void)"),
  };
}

const handle = (number: number): IpczHandle => number as IpczHandle;
const transaction = (number: number): IpczTransaction => number as IpczTransaction;
const driverHandle = (number: number): IpczDriverHandle => number as IpczDriverHandle;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | null): string | null =>
  data === null ? null : new TextDecoder().decode(data);
const emptyContents = (): IpczBoxContents => ({
  size: 40,
  type: 0,
  driverObject: driverHandle(0),
  applicationObject: null,
  subparcel: handle(0),
  serializer: null,
  destructor: null,
});

describeWithCompiler("the table of a native library", () => {
  let native: Recording;
  let api: IpczAPI;

  beforeAll(() => {
    native = openRecording();
    api = native.api;
  });
  beforeEach(() => {
    native.answer(IPCZ_RESULT_OK);
    native.take();
  });

  test("passes handles, also the largest addresses, and flags", () => {
    const largest = handle(2 ** 53 - 1);
    expect(api.Close(largest, 0, null)).toBe(IPCZ_RESULT_OK);
    expect(api.MergePortals(handle(5), handle(0xffff_ffff_ffff), 0, null)).toBe(IPCZ_RESULT_OK);
    expect(native.take()).toBe(
      "Close handle=9007199254740991 flags=0 options=null\n" +
        "MergePortals first=5 second=281474976710655 flags=0 options=null\n",
    );
  });

  test("passes on whatever a function answers", () => {
    for (let result = 1; result < 16; result++) {
      native.answer(result);
      expect(api.Close(handle(1), 0, null)).toBe(result);
    }
  });

  test("passes bytes and handles of a put, counts telling how many", () => {
    const data = bytes("abcdef");
    const handles = [handle(7), handle(8), handle(9)];
    expect(api.Put(handle(3), data.subarray(1), 4, handles, 2, 0x8000_0001, null)).toBe(0);
    expect(api.Put(handle(3), null, 0, null, 0, 0, null)).toBe(0);
    expect(native.take()).toBe(
      "Put portal=3 data=62636465 handles=[7,8] flags=2147483649 options=null\n" +
        "Put portal=3 data=null handles=null flags=0 options=null\n",
    );
  });

  test("passes thousands of handles", () => {
    const handles = Array.from({ length: 3000 }, (_, index) => handle(index + 1));
    expect(api.Put(handle(3), null, 0, handles, 3000, 0, null)).toBe(IPCZ_RESULT_OK);
    expect(native.take()).toBe(
      `Put portal=3 data=null handles=[${handles.join(",")}] flags=0 options=null\n`,
    );
  });

  test("lets no bad pointer, count or handle through", () => {
    const list = [handle(7), handle(7)];
    const cell = { value: handle(0) };
    const refused: readonly IpczResult[] = [
      api.Put(handle(3), null, 1, null, 0, 0, null),
      api.Put(handle(3), bytes("a"), 2, null, 0, 0, null),
      api.Put(handle(3), null, 0, null, 1, 0, null),
      api.Put(handle(3), null, 0, list, 2, 0, null),
      api.Put(handle(3), null, 0, list, 3, 0, null),
      api.Put(handle(-3), null, 0, null, 0, 0, null),
      api.Put(handle(0.5), null, 0, null, 0, 0, null),
      api.Put(handle(Number.NaN), null, 0, null, 0, 0, null),
      api.Close(handle(2 ** 53), 0, null),
      api.OpenPortals(handle(1), 0, null, null, cell),
      api.QueryPortalStatus(handle(1), 0, null, null),
      api.BeginPut(handle(1), 0, null, null, { value: -1 }, { value: transaction(0) }),
      api.EndPut(handle(1), transaction(0), 0, null, 0, 0, null),
      api.Reject(handle(1), "a text", 0, null),
      api.Reject(handle(1), -1, 0, null),
      api.Box(handle(1), null, 0, null, cell),
    ];
    expect(refused).toEqual(refused.map(() => IPCZ_RESULT_INVALID_ARGUMENT));
    expect(native.take()).toBe("");
  });

  test("writes outputs when a call succeeds, and only then", () => {
    const [left, right] = [{ value: handle(0) }, { value: handle(0) }];
    native.answer(IPCZ_RESULT_INVALID_ARGUMENT);
    api.OpenPortals(handle(1), 0, null, left, right);
    expect([left.value, right.value]).toEqual([0, 0]);
    native.answer(IPCZ_RESULT_OK);
    api.OpenPortals(handle(1), 0, null, left, right);
    expect([left.value, right.value]).toEqual([301, 0xfffffffffff0]);
  });

  test("passes the options of a node as a struct with its arrays", () => {
    const driver = memDriver({ schedule: "sync" });
    const node = { value: handle(0) };
    const options = {
      size: 48,
      memoryFlags: 1,
      enabledFeatures: [0xa110c002, 5],
      numEnabledFeatures: 2,
      disabledFeatures: [7, 8],
      numDisabledFeatures: 1,
    };
    expect(api.CreateNode(driver, 1, options, node)).toBe(IPCZ_RESULT_OK);
    expect(node.value).toBe(101);
    expect(native.take()).toBe(
      "CreateNode driver.size=112 flags=1 size=48 memory=1 enabled=02c010a105000000 disabled=07000000\n",
    );
  });

  test("refuses an incomplete driver without a call", () => {
    const node = { value: handle(0) };
    const driver = { ...memDriver(), Transmit: null } as unknown as IpczDriver;
    expect(api.CreateNode(driver, 0, null, node)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(native.take()).toBe("");
  });

  test("fills in initial portals, or zeros when connecting failed late", () => {
    const driver = memDriver({ schedule: "sync" });
    const node = { value: handle(0) };
    api.CreateNode(driver, 0, null, node);
    const portals: IpczHandle[] = [];
    const transports = [{ value: driverHandle(0) }, { value: driverHandle(0) }] as const;
    const none = driverHandle(0);
    driver.CreateTransports(none, none, 0, null, ...transports);
    expect(api.ConnectNode(node.value, transports[0].value, 3, 4, null, portals)).toBe(0);
    expect(portals).toEqual([200, 201, 202]);
    native.answer(IPCZ_RESULT_INVALID_ARGUMENT);
    api.ConnectNode(node.value, transports[0].value, 2, 7, null, portals);
    expect(portals).toEqual([0, 0, 202]);
    // ipcz owns the transport by now, so it has been closed for the library that forgot to.
    expect(driver.Close(transports[0].value, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    driver.Close(transports[1].value, 0, null);
  });

  test("reads a status, also counts above 32 bits", () => {
    const status = { size: 100, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
    expect(api.QueryPortalStatus(handle(4), 0, null, status)).toBe(IPCZ_RESULT_OK);
    expect(status).toEqual({
      size: 32,
      flags: 3,
      numLocalParcels: 0x1_0000_0002,
      numLocalBytes: 7,
    });
  });

  test("gets bytes, handles and a parcel object", () => {
    const data = new Uint8Array(8);
    const [numBytes, numHandles] = [{ value: 8 }, { value: 4 }];
    const handles: IpczHandle[] = [];
    const parcel = { value: handle(0) };
    expect(api.Get(handle(6), 1, null, data, numBytes, handles, numHandles, parcel)).toBe(0);
    expect(native.take()).toBe(
      "Get source=6 num_bytes=8 num_handles=4 data=room handles=room parcel=room flags=1 options=null\n",
    );
    expect(text(data.subarray(0, numBytes.value))).toBe("got");
    expect([handles, numHandles.value, parcel.value]).toEqual([[501], 1, 502]);
  });

  test("tells the sizes that were too small, and takes nothing", () => {
    const [numBytes, numHandles] = [{ value: 1 }, { value: 0 }];
    native.answer(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    const data = new Uint8Array(1);
    const handles: IpczHandle[] = [];
    expect(api.Get(handle(6), 0, null, data, numBytes, handles, numHandles, null)).toBe(
      IPCZ_RESULT_RESOURCE_EXHAUSTED,
    );
    expect([numBytes.value, numHandles.value, handles]).toEqual([3, 1, []]);
  });

  test("shows the memory of a two-phase put, which is that of the library", () => {
    const data = { value: null as Uint8Array | null };
    const numBytes = { value: 9 };
    const begun = { value: transaction(0) };
    expect(api.BeginPut(handle(6), 1, null, data, numBytes, begun)).toBe(IPCZ_RESULT_OK);
    expect([data.value?.length, numBytes.value, begun.value]).toEqual([5, 5, 401]);
    data.value?.set(bytes("wrote"));
    expect(api.EndPut(handle(6), begun.value, 5, [handle(9)], 1, 0, null)).toBe(0);
    expect(native.take()).toContain(
      "EndPut portal=6 transaction=401 produced=5 memory=77726f7465 handles=[9]",
    );
  });

  test("aborts a two-phase put without naming handles", () => {
    const aborted = api.EndPut(
      handle(6),
      transaction(401),
      3,
      [handle(9)],
      1,
      IPCZ_END_PUT_ABORT,
      null,
    );
    expect(aborted).toBe(IPCZ_RESULT_OK);
    expect(native.take()).toBe(
      "EndPut portal=6 transaction=401 produced=0 memory= handles=null flags=1 options=null\n",
    );
  });

  test("shows the bytes of a two-phase get where they are", () => {
    const data = { value: null as Uint8Array | null };
    const [numBytes, numHandles] = [{ value: 0 }, { value: 1 }];
    const handles: IpczHandle[] = [];
    const begun = { value: transaction(0) };
    api.BeginGet(handle(6), 0, null, data, numBytes, handles, numHandles, begun);
    expect([text(data.value), numBytes.value, handles, begun.value]).toEqual([
      "shown",
      5,
      [601],
      602,
    ]);
    const parcel = { value: handle(0) };
    expect(api.EndGet(handle(6), begun.value, 0, null, parcel)).toBe(IPCZ_RESULT_OK);
    expect(parcel.value).toBe(603);
  });

  test("tells the conditions of a trap, and its handler once what happened", () => {
    const events: IpczTrapEvent[] = [];
    const conditions = { size: 32, flags: 0x1e, minLocalParcels: 3, minLocalBytes: 4 };
    const context = { anything: "at all" };
    const set = api.Trap(
      handle(6),
      conditions,
      (event) => void events.push(event),
      context,
      0,
      null,
      null,
      null,
    );
    expect(set).toBe(IPCZ_RESULT_OK);
    expect(native.take()).toBe(
      "Trap portal=6 size=32 conditions=30 parcels=3 bytes=4 flags=0 options=null\n",
    );
    native.fire(8, 1, 0x1_0000_0003, 12);
    native.fire(8, 1, 4, 12);
    expect(events).toEqual([
      {
        size: 32,
        context,
        conditionFlags: 8,
        status: { size: 32, flags: 1, numLocalParcels: 0x1_0000_0003, numLocalBytes: 12 },
      },
    ]);
  });

  test("tells what holds already when a trap is refused, and forgets the handler", () => {
    native.answer(IPCZ_RESULT_FAILED_PRECONDITION);
    const satisfied = { value: 0 };
    const status = { size: 32, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
    let told = 0;
    const conditions = { size: 32, flags: 4, minLocalParcels: 0, minLocalBytes: 0 };
    const handler = (): void => void told++;
    const result = api.Trap(handle(6), conditions, handler, 0, 0, null, satisfied, status);
    expect(result).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
    expect([satisfied.value, status.numLocalParcels]).toEqual([4, 9]);
    native.fire(4, 0, 0, 0);
    expect(told).toBe(0);
  });

  test("passes contexts of a reject as 64 bits", () => {
    expect(api.Reject(handle(6), 2n ** 64n - 1n, 0, null)).toBe(IPCZ_RESULT_OK);
    expect(native.take()).toBe("Reject parcel=6 context=ffffffffffffffff flags=0 options=null\n");
  });

  test("boxes any value as an application object and gives it back", () => {
    const object = { of: "the application" };
    const destroyed: unknown[] = [];
    const contents: IpczBoxContents = {
      ...emptyContents(),
      type: 1,
      applicationObject: object,
      serializer: () => IPCZ_RESULT_UNAVAILABLE,
      destructor: (each) => void destroyed.push(each),
    };
    const box = { value: handle(0) };
    expect(api.Box(handle(1), contents, 0, null, box)).toBe(IPCZ_RESULT_OK);
    expect(box.value).toBe(701);
    const peeked = emptyContents();
    api.Unbox(box.value, 1, null, peeked);
    expect(peeked).toEqual({ ...contents, driverObject: 0, subparcel: 0 });
    const opened = emptyContents();
    api.Unbox(box.value, 0, null, opened);
    expect([opened.applicationObject, opened.destructor]).toEqual([object, contents.destructor]);
    expect(destroyed).toEqual([]);
  });

  test("serializes an application object when native code asks for it, and ends it", () => {
    const destroyed: unknown[] = [];
    const contents: IpczBoxContents = {
      ...emptyContents(),
      type: 1,
      applicationObject: "object",
      serializer: (_object, _flags, _options, data, numBytes, handles, numHandles) => {
        if (numBytes === null || numHandles === null) return IPCZ_RESULT_OK;
        const fits = data !== null && handles !== null;
        [numBytes.value, numHandles.value] = [3, 2];
        if (!fits) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
        data.set(bytes("ser"));
        [handles[0], handles[1]] = [handle(11), handle(12)];
        return IPCZ_RESULT_OK;
      },
      destructor: (each) => void destroyed.push(each),
    };
    api.Box(handle(1), contents, 0, null, { value: handle(0) });
    native.take();
    expect(native.serialize()).toBe(IPCZ_RESULT_OK);
    expect(native.take()).toBe("probe=0 sized=8,3,2 filled=0 bytes=736572 handles=[11,12]\n");
    native.destroy();
    native.destroy();
    expect(destroyed).toEqual(["object"]);
  });

  test("answers a serializer that throws with a result, and reports what it threw", async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    const fault = new Error("no exception crosses");
    const contents: IpczBoxContents = {
      ...emptyContents(),
      type: 1,
      serializer: () => {
        throw fault;
      },
    };
    api.Box(handle(1), contents, 0, null, { value: handle(0) });
    expect(native.serialize()).toBe(13);
    await new Promise((resolve) => setImmediate(resolve));
    expect(uncaught).toEqual([fault, fault, fault]);
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
});

describeWithCompiler("a native library whose driver has threads", () => {
  let native: Recording;

  beforeAll(() => {
    native = openRecording();
    const table = new BigUint64Array(14).fill(1n);
    table[0] = 112n;
    const driver = importDriver(foreign.address(table));
    expect(native.api.CreateNode(driver, 0, null, { value: handle(0) })).toBe(IPCZ_RESULT_OK);
  });

  test("may fire traps on a thread that this one waits for", () => {
    const told: number[] = [];
    const conditions = { size: 32, flags: 2, minLocalParcels: 0, minLocalBytes: 0 };
    const handler = ({ conditionFlags }: IpczTrapEvent): void => void told.push(conditionFlags);
    native.api.Trap(handle(6), conditions, handler, 0, 0, null, null, null);
    // Were the handler called on this thread, this would wait for ever: it joins the thread that fires.
    native.fireElsewhere(1);
    expect(told).toEqual([]);
    native.api.Close(handle(99), 0, null);
    expect(told).toEqual([2]);
  });

  test("is heard by the event loop when nobody calls native code", async () => {
    const conditions = { size: 32, flags: 2, minLocalParcels: 0, minLocalBytes: 0 };
    await new Promise<void>((resolve) => {
      native.api.Trap(handle(6), conditions, () => resolve(), 0, 0, null, null, null);
      native.fireElsewhere(1);
    });
  });

  test("closes its nodes on another thread", async () => {
    native.take();
    expect(native.api.Close(handle(101), 0, null)).toBe(IPCZ_RESULT_OK);
    let seen = "";
    while (seen === "") {
      await new Promise((resolve) => setImmediate(resolve));
      seen = native.take();
    }
    expect(seen).toBe("Close handle=101 flags=0 options=null\n");
  });
});
