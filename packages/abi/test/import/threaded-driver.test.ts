/**
 * A native driver under our core: its messages come on threads of its own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_PEER_CLOSED,
  type IpczAPI,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { beforeAll, describe, expect, it, test } from "vitest";
import { driverConformance } from "../../../../tools/conformance/src/driver/index.ts";
import type { Address } from "../../src/ffi/foreign.ts";
import { foreign } from "../../src/ffi/koffi.ts";
import { importDriver } from "../../src/index.ts";
import { cCompiler, describeWithCompiler, nativeLibrary } from "../support/compiler.ts";

interface Threaded {
  readonly driver: IpczDriver;
  live(): number;
}

function openThreaded(): Threaded {
  const library = foreign.load(nativeLibrary("threaded_driver"));
  const pointer = library.bind<() => Address>("void *threaded_driver(void)");
  return { driver: importDriver(pointer()), live: library.bind("int live_objects(void)") };
}

const none = 0 as IpczDriverHandle;
const noHandle = 0 as IpczHandle;

function transportsOf(driver: IpczDriver): [IpczDriverHandle, IpczDriverHandle] {
  const [left, right] = [{ value: none }, { value: none }];
  expect(driver.CreateTransports(none, none, 0, null, left, right)).toBe(IPCZ_RESULT_OK);
  return [left.value, right.value];
}

/** Waits until a trap for `flags` has fired or need not be set. */
function reached(api: IpczAPI, portal: IpczHandle, flags: number): Promise<void> {
  return new Promise((resolve) => {
    const conditions = { size: 32, flags, minLocalParcels: 0, minLocalBytes: 0 };
    const result = api.Trap(portal, conditions, () => resolve(), null, 0, null, null, null);
    if (result !== IPCZ_RESULT_OK) resolve();
  });
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

if (cCompiler !== null) {
  let settled = 0;
  const threaded = openThreaded();
  driverConformance({
    name: "a native driver with threads",
    describe,
    it,
    expect,
    createDriver: () => threaded.driver,
    // A mapping is closed when its view has been collected.
    settle: () => {
      settled++;
      if (settled % 16 === 0) collectGarbage();
      return sleep(1);
    },
    liveObjects: () => threaded.live(),
    refusesStaleHandles: false,
    floodCount: 2000,
  });
}

describeWithCompiler("our nodes over a native driver with threads", () => {
  let threaded: Threaded;
  const api = getAPI();

  beforeAll(() => {
    threaded = openThreaded();
  });

  function connect(): { nodes: IpczHandle[]; portals: [IpczHandle, IpczHandle] } {
    const [left, right] = transportsOf(threaded.driver);
    const [broker, other] = [{ value: noHandle }, { value: noHandle }];
    api.CreateNode(threaded.driver, IPCZ_CREATE_NODE_AS_BROKER, null, broker);
    api.CreateNode(threaded.driver, 0, null, other);
    const [near, far]: [IpczHandle[], IpczHandle[]] = [[], []];
    expect(api.ConnectNode(broker.value, left, 1, 0, null, near)).toBe(IPCZ_RESULT_OK);
    const flags = IPCZ_CONNECT_NODE_TO_BROKER;
    expect(api.ConnectNode(other.value, right, 1, flags, null, far)).toBe(IPCZ_RESULT_OK);
    const portals: [IpczHandle, IpczHandle] = [near[0] ?? noHandle, far[0] ?? noHandle];
    return { nodes: [broker.value, other.value], portals };
  }

  async function take(portal: IpczHandle): Promise<{ bytes: Uint8Array; handles: IpczHandle[] }> {
    await reached(api, portal, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS);
    const [numBytes, numHandles] = [{ value: 0 }, { value: 0 }];
    const first = api.Get(portal, 0, null, null, numBytes, null, numHandles, null);
    const bytes = new Uint8Array(numBytes.value);
    const handles: IpczHandle[] = [];
    if (first !== IPCZ_RESULT_OK) {
      const result = api.Get(portal, 0, null, bytes, numBytes, handles, numHandles, null);
      expect(result).toBe(IPCZ_RESULT_OK);
    }
    return { bytes, handles };
  }

  test("exchange parcels of every size, portals and boxes, and end without a trace", async () => {
    const { nodes, portals } = connect();
    const [near, far] = portals;
    for (const size of [0, 1, 64, 5000, 200_000, 3_000_000]) {
      const sent = Uint8Array.from({ length: size }, (_, index) => index % 251);
      expect(api.Put(near, sent, size, null, 0, 0, null)).toBe(IPCZ_RESULT_OK);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { bytes } = await take(far);
      expect(Buffer.compare(bytes, sent)).toBe(0);
    }
    const [one, two] = [{ value: noHandle }, { value: noHandle }];
    api.OpenPortals(nodes[0] ?? noHandle, 0, null, one, two);
    const memory = { value: none };
    threaded.driver.AllocateSharedMemory(100, 0, null, memory);
    const contents = {
      size: 40,
      type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
      driverObject: memory.value,
      applicationObject: null,
      subparcel: noHandle,
      serializer: null,
      destructor: null,
    };
    const box = { value: noHandle };
    expect(api.Box(nodes[0] ?? noHandle, contents, 0, null, box)).toBe(IPCZ_RESULT_OK);
    expect(api.Put(near, null, 0, [two.value, box.value], 2, 0, null)).toBe(IPCZ_RESULT_OK);
    const { handles } = await take(far);
    expect(api.Unbox(handles[1] ?? noHandle, 0, null, contents)).toBe(IPCZ_RESULT_OK);
    expect(threaded.driver.Close(contents.driverObject, 0, null)).toBe(IPCZ_RESULT_OK);
    api.Put(handles[0] ?? noHandle, Uint8Array.of(7), 1, null, 0, 0, null);
    expect((await take(one.value)).bytes).toEqual(Uint8Array.of(7));
    for (const handle of [one.value, handles[0] ?? noHandle, near]) api.Close(handle, 0, null);
    await reached(api, far, IPCZ_TRAP_PEER_CLOSED);
    for (const handle of [far, ...nodes]) api.Close(handle, 0, null);
    expect(api.Get(far, 0, null, null, null, null, null, null)).not.toBe(IPCZ_RESULT_UNAVAILABLE);
  });

  test("hear of the other node's end", async () => {
    const { nodes, portals } = connect();
    api.Put(portals[0], Uint8Array.of(1), 1, null, 0, 0, null);
    await take(portals[1]);
    api.Close(nodes[0] ?? noHandle, 0, null);
    await reached(api, portals[1], IPCZ_TRAP_PEER_CLOSED);
    for (const handle of [...portals, nodes[1] ?? noHandle]) api.Close(handle, 0, null);
  });

  test("refuse a message and hear that the transport is broken, though the driver has gone on", async () => {
    const { driver } = threaded;
    const [left, right] = transportsOf(driver);
    const heard: number[] = [];
    const broken = new Promise<void>((resolve) => {
      const listener = 77 as IpczHandle;
      driver.ActivateTransport(
        right,
        listener,
        (which, _data, numBytes, _handles, _count, flags) => {
          expect(which).toBe(listener);
          heard.push(flags === 0 ? numBytes : -flags);
          if (flags === IPCZ_TRANSPORT_ACTIVITY_ERROR) resolve();
          return flags === 0 ? 3 : IPCZ_RESULT_OK;
        },
        0,
        null,
      );
    });
    for (const size of [5, 6, 7])
      driver.Transmit(left, new Uint8Array(size), size, null, 0, 0, null);
    await broken;
    driver.DeactivateTransport(right, 0, null);
    expect(heard).toEqual([5, -1, -2]);
    driver.Close(left, 0, null);
    driver.Close(right, 0, null);
  });
});
