/** `Serialize` answers by the table of the contract, in its order: S1 never, S2 depends, S3 relay, S4 sizes, S5 done. */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import type { DriverConformanceOptions } from "./options.ts";
import type { DeclareTrial, Trial } from "./trial.ts";

/** Room for whatever an object may need. */
const ROOM_BYTES = 256;
const ROOM_HANDLES = 16;
/** What buffers are filled with to see whether they are touched. */
const FILL_BYTE = 0x5a;
const FILL_HANDLE = 12_345 as IpczDriverHandle;
/** What counts start with to see whether they are touched. */
const NO_TRANSPORT = IPCZ_INVALID_DRIVER_HANDLE;

/** Declares the tests. */
export function objectsSuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  never(trial, options);
  depends(trial, options);
  sizing(trial, options);
  done(trial, options);
}

/** The buffers of one `Serialize` call, and what it made of them. */
interface Attempt {
  readonly result: IpczResult;
  readonly byteCount: number;
  readonly handleCount: number;
  readonly bytes: Uint8Array;
  readonly handles: IpczDriverHandle[];
  readonly untouched: boolean;
}

/** `Serialize` with these capacities, and buffers of just that length. */
function attempt<D extends IpczDriver>(
  t: Trial<D>,
  object: IpczDriverHandle,
  transport: IpczDriverHandle,
  byteCapacity: number,
  handleCapacity: number,
): Attempt {
  const bytes = new Uint8Array(byteCapacity).fill(FILL_BYTE);
  const handles = Array.from({ length: handleCapacity }, () => FILL_HANDLE);
  const numBytes = { value: byteCapacity };
  const numHandles = { value: handleCapacity };
  const result = t.driver.Serialize(
    object,
    transport,
    0,
    null,
    bytes,
    numBytes,
    handles,
    numHandles,
  );
  return {
    result,
    byteCount: numBytes.value,
    handleCount: numHandles.value,
    bytes,
    handles,
    untouched:
      bytes.every((byte) => byte === FILL_BYTE) &&
      handles.every((handle) => handle === FILL_HANDLE),
  };
}

/** `Serialize` with nothing but the object: "may it travel here?". */
function probe<D extends IpczDriver>(
  t: Trial<D>,
  object: IpczDriverHandle,
  transport: IpczDriverHandle,
): IpczResult {
  return t.driver.Serialize(object, transport, 0, null, null, null, null, null);
}

/** The kinds of objects that every driver can send. */
function travellers<D extends IpczDriver>(t: Trial<D>): IpczDriverHandle[] {
  return [t.memory(100), t.pair()[0], t.pair()[1]];
}

function never<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, refusesStaleHandles = true }: DriverConformanceOptions<D>,
): void {
  trial(
    "S1: answers INVALID_ARGUMENT for what can never travel, whatever else is passed",
    async (t) => {
      const [a] = t.pair();
      const stale = t.memory(64);
      t.close(stale);
      const live = t.memory(64);
      const objects = [IPCZ_INVALID_DRIVER_HANDLE, t.map(live).mapping];
      if (refusesStaleHandles)
        objects.push(stale, (live + 0.5) as IpczDriverHandle, -1 as IpczDriverHandle);
      for (const object of objects) {
        for (const transport of [NO_TRANSPORT, a]) {
          expect(probe(t, object, transport), `object ${object}`).toBe(
            IPCZ_RESULT_INVALID_ARGUMENT,
          );
          const tried = attempt(t, object, transport, ROOM_BYTES, ROOM_HANDLES);
          expect([tried.result, tried.untouched]).toEqual([IPCZ_RESULT_INVALID_ARGUMENT, true]);
        }
      }
    },
  );

  if (!refusesStaleHandles) return;
  trial("refuses a transport that is none, and keeps the object with the caller", async (t) => {
    const stale = t.pair()[0];
    t.close(stale);
    const memory = t.markedMemory(3);
    for (const transport of [stale, t.memory(64), -1 as IpczDriverHandle]) {
      const tried = attempt(t, memory, transport, ROOM_BYTES, ROOM_HANDLES);
      expect([tried.result === IPCZ_RESULT_OK, tried.untouched]).toEqual([false, true]);
    }
    expect(t.markOf(memory)).toBe(3);
  });
}

function depends<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, createRelayOnlyPair }: DriverConformanceOptions<D>,
): void {
  trial(
    "S2: says of memory and transports that they can travel, without a transport",
    async (t) => {
      for (const object of travellers(t)) {
        const expected =
          createRelayOnlyPair === undefined ? probe(t, object, NO_TRANSPORT) : IPCZ_RESULT_ABORTED;
        const known =
          expected === IPCZ_RESULT_ABORTED || expected === IPCZ_RESULT_RESOURCE_EXHAUSTED;
        expect([known, probe(t, object, NO_TRANSPORT)]).toEqual([true, expected]);
      }
    },
  );

  if (createRelayOnlyPair === undefined) return;
  trial("S3: says PERMISSION_DENIED where objects need a relay, and keeps them", async (t) => {
    const [denied] = t.relayOnlyPair() ?? t.pair();
    const [allowed, far] = t.pair();
    const receiver = t.listen(far);
    for (const object of travellers(t)) {
      expect(probe(t, object, denied)).toBe(IPCZ_RESULT_PERMISSION_DENIED);
      const tried = attempt(t, object, denied, ROOM_BYTES, ROOM_HANDLES);
      expect([tried.result, tried.untouched]).toEqual([IPCZ_RESULT_PERMISSION_DENIED, true]);
      // oxlint-disable-next-line no-await-in-loop -- one object after the other
      t.unpack(await t.carry(object, allowed, receiver), far);
    }
  });

  trial("carries messages without objects where objects need a relay", async (t) => {
    const [a, b] = t.relayOnlyPair() ?? t.pair();
    const atB = t.listen(b);
    t.send(a, new Uint8Array([1, 2, 3]));
    await t.until(() => atB.messages.length === 1, "the message");
    expect([...(atB.messages[0]?.bytes ?? [])]).toEqual([1, 2, 3]);
  });
}

function sizing<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial(
    "S4: tells what is needed through the counts that are there, always the same",
    async (t) => {
      const [a] = t.pair();
      for (const object of travellers(t)) {
        expect(probe(t, object, a)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
        const sized = attempt(t, object, a, 0, 0);
        expect(sized.result).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
        expect(sized.byteCount + sized.handleCount > 0, "takes a byte or a handle").toBe(true);
        const bytesOnly = { value: 0 };
        const handlesOnly = { value: 0 };
        const results = [
          t.driver.Serialize(object, a, 0, null, null, bytesOnly, null, null),
          t.driver.Serialize(object, a, 0, null, null, null, null, handlesOnly),
        ];
        expect(results).toEqual([IPCZ_RESULT_RESOURCE_EXHAUSTED, IPCZ_RESULT_RESOURCE_EXHAUSTED]);
        expect([bytesOnly.value, handlesOnly.value]).toEqual([sized.byteCount, sized.handleCount]);
      }
    },
  );

  trial("S4: leaves buffers that are too small untouched", async (t) => {
    const [a] = t.pair();
    for (const object of travellers(t)) {
      const { byteCount, handleCount } = attempt(t, object, a, 0, 0);
      const capacities: [number, number][] = [];
      if (byteCount > 0) capacities.push([byteCount - 1, handleCount], [0, ROOM_HANDLES]);
      if (handleCount > 0) capacities.push([byteCount, handleCount - 1], [ROOM_BYTES, 0]);
      for (const [byteCapacity, handleCapacity] of capacities) {
        const tried = attempt(t, object, a, byteCapacity, handleCapacity);
        expect([tried.result, tried.untouched]).toEqual([IPCZ_RESULT_RESOURCE_EXHAUSTED, true]);
        expect([tried.byteCount, tried.handleCount]).toEqual([byteCount, handleCount]);
      }
    }
  });
}

function done<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, refusesStaleHandles = true }: DriverConformanceOptions<D>,
): void {
  trial("S5: fills larger buffers as far as needed and writes exact counts", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    for (const object of travellers(t)) {
      const sized = attempt(t, object, a, 0, 0);
      const tried = attempt(t, object, a, ROOM_BYTES, ROOM_HANDLES);
      t.disown(object);
      expect(tried.result).toBe(IPCZ_RESULT_OK);
      expect([tried.byteCount, tried.handleCount]).toEqual([sized.byteCount, sized.handleCount]);
      const rest = tried.bytes.subarray(tried.byteCount);
      expect(
        rest.every((byte) => byte === FILL_BYTE),
        "bytes past the count",
      ).toBe(true);
      const handles = tried.handles.slice(0, tried.handleCount);
      for (const handle of handles) t.own(handle);
      t.send(a, tried.bytes.slice(0, tried.byteCount), handles);
    }
    await t.until(() => atB.messages.length === 3, "all objects");
    for (const message of atB.messages) t.unpack(message, b);
  });

  // Where handles are inside the bytes, the transport knows what it has not been given to send.
  trial("ends an object with the handles it made, or with its transport", async (t) => {
    const [a] = t.pair();
    const [object, watched] = t.pair();
    const watcher = t.listen(watched);
    const { handles } = t.pack(object, a);
    for (const handle of handles) t.close(handle);
    if (handles.length === 0) t.close(a);
    await t.until(() => watcher.errorCount > 0, "ERROR at the peer of a closed transport");
    expect(watcher.messages.length).toBe(0);
  });

  if (!refusesStaleHandles) return;
  trial("forgets handles that were sent away", async (t) => {
    const [a] = t.pair();
    const { bytes, handles } = t.pack(t.memory(64), a);
    t.send(a, bytes, handles);
    for (const handle of handles)
      expect(t.driver.Close(handle, 0, null) === IPCZ_RESULT_OK, "Close").toBe(false);
  });
}
