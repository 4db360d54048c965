/**
 * One of everything that can be passed to a call, for tests that get one argument wrong.
 *
 * `snapshot` tells the state of all of it; a refused call must leave that as it was.
 */
import {
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_GET_PARTIAL,
  IPCZ_RESULT_OK,
  IPCZ_UNBOX_PEEK,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczTransaction,
} from "@ipcz/api";
import { boxDriverObject, createBlob } from "./blob.ts";
import { beginGet, beginPut, driverCell, emptyContents, handleCell } from "./calls.ts";
import { check, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";

/** What a handle can name. */
export type HandleKind = "node" | "portal" | "box" | "parcel";

/** A stage with everything on it. */
export interface Bench {
  readonly stage: Stage;
  /** One live handle of each kind, and one that was closed. */
  readonly live: Readonly<Record<HandleKind, IpczHandle>>;
  readonly stale: Readonly<Record<HandleKind, IpczHandle>>;
  /** Lent to the driver, of no use to an application. */
  readonly listener: IpczHandle;
  /** The peer of `live.portal`. */
  readonly peer: IpczHandle;
  /** A portal with a parcel (two bytes and a handle) to read, and another behind it. */
  readonly full: IpczHandle;
  /** A portal to attach, and the peer that tells whether it is still alive. */
  readonly spare: IpczHandle;
  readonly sparePeer: IpczHandle;
  /** Two unused portals of different pairs. */
  readonly mergeable: readonly [IpczHandle, IpczHandle];
  /** A used portal. */
  readonly used: IpczHandle;
  /** A portal whose peer is closed, with a put pending from before. */
  readonly orphan: IpczHandle;
  readonly orphanPut: IpczTransaction;
  /** A box whose contents can never travel. */
  readonly stuckBox: IpczHandle;
  /** Of `live.portal`: room for 4 bytes. */
  readonly pendingPut: IpczTransaction;
  /** Of `getting`. */
  readonly getting: IpczHandle;
  readonly pendingGet: IpczTransaction;
  readonly transport: IpczDriverHandle;
  readonly memory: IpczDriverHandle;
  /** Driver objects that are the bench's; closed by `clear`. */
  readonly driverObjects: Set<IpczDriverHandle>;
}

/** Sets it all up. */
export function setUp(stage: Stage): Bench {
  const { portals } = stage.link();
  const [portal, peer] = stage.open();
  const [spare, sparePeer] = stage.open();
  const [first] = stage.open();
  const [second] = stage.open();
  const [used, usedPeer] = stage.open();
  stage.put(used, "used");
  stage.get(usedPeer, "used");
  const { getting, pendingGet } = beginOneGet(stage);
  const [transport, otherTransport] = stage.transports();
  const memory = createBlob(stage.driver, "not yet in a box");
  const listener = stage.spy.listeners[0];
  check(listener !== undefined, "a connected node has lent a listener to its driver");
  stage.checkStatus(portals[0], 0, 0, 0);
  return {
    stage,
    live: { node: stage.node, portal, box: stage.box("in a box"), parcel: takeOneParcel(stage) },
    stale: makeStale(stage),
    listener,
    peer,
    full: fill(stage),
    spare,
    sparePeer,
    mergeable: [first, second],
    used,
    ...makeOrphan(stage),
    stuckBox: boxMapping(stage),
    pendingPut: beginOnePut(stage, portal),
    getting,
    pendingGet,
    transport,
    memory,
    driverObjects: new Set([transport, otherTransport, memory]),
  };
}

/** Closes the driver objects; the stage closes the rest. */
export function clear({ stage, driverObjects }: Bench): void {
  for (const object of driverObjects) {
    checkResult("driver Close", stage.driver.Close(object, 0, null), IPCZ_RESULT_OK);
  }
}

function beginOnePut(stage: Stage, portal: IpczHandle): IpczTransaction {
  const { result, transaction } = beginPut(stage.api, portal, 4);
  checkResult("BeginPut", result, IPCZ_RESULT_OK);
  return transaction;
}

function beginOneGet(stage: Stage): { getting: IpczHandle; pendingGet: IpczTransaction } {
  const [from, getting] = stage.open();
  stage.put(from, "being read");
  const { result, transaction } = beginGet(stage.api, getting, null, IPCZ_BEGIN_GET_OVERLAPPED);
  checkResult("BeginGet", result, IPCZ_RESULT_OK);
  return { getting, pendingGet: transaction };
}

function fill(stage: Stage): IpczHandle {
  const [from, full] = stage.open();
  const [attached] = stage.open();
  stage.put(from, "12", [attached]);
  stage.put(from, "behind it");
  return full;
}

function takeOneParcel(stage: Stage): IpczHandle {
  const cell = handleCell();
  const result = stage.api.Get(fill(stage), IPCZ_GET_PARTIAL, null, null, null, null, null, cell);
  checkResult("Get as an object", result, IPCZ_RESULT_OK);
  stage.keep(cell.value);
  return cell.value;
}

function makeStale(stage: Stage): Record<HandleKind, IpczHandle> {
  const stale = {
    node: stage.createNode(),
    portal: stage.open()[0],
    box: stage.box("gone"),
    parcel: takeOneParcel(stage),
  };
  stage.close(stale.node, stale.portal, stale.box, stale.parcel);
  return stale;
}

function makeOrphan(stage: Stage): { orphan: IpczHandle; orphanPut: IpczTransaction } {
  const [orphan, peer] = stage.open();
  const orphanPut = beginOnePut(stage, orphan);
  stage.close(peer);
  return { orphan, orphanPut };
}

/** A mapping is a driver object that no driver serializes. */
function boxMapping(stage: Stage): IpczHandle {
  const { api, driver, node } = stage;
  const memory = createBlob(driver, "mapped");
  const mapping = driverCell();
  const result = driver.MapSharedMemory(memory, 0, null, { value: new Uint8Array(0) }, mapping);
  checkResult("MapSharedMemory", result, IPCZ_RESULT_OK);
  driver.Close(memory, 0, null);
  const box = boxDriverObject(api, node, mapping.value);
  stage.keep(box);
  return box;
}

/** All that an application can see of a bench, as text. */
export function snapshot(bench: Bench): string {
  const { stage, live, peer, full, spare, sparePeer, mergeable, used, orphan, getting } = bench;
  const portals = [live.portal, peer, full, spare, sparePeer, ...mergeable, used, orphan, getting];
  const statuses = portals.map((portal) => {
    const { flags, numLocalParcels, numLocalBytes } = stage.status(portal);
    return `${String(flags)}:${String(numLocalParcels)}:${String(numLocalBytes)}`;
  });
  const boxes = [live.box, bench.stuckBox].map((box) => {
    const contents = emptyContents();
    const result = stage.api.Unbox(box, IPCZ_UNBOX_PEEK, null, contents);
    return `${String(result)}:${String(contents.driverObject)}`;
  });
  const bytes = { value: 0 };
  const handles = { value: 0 };
  const parcel = stage.api.Get(live.parcel, 0, null, null, bytes, null, handles, null);
  const sizes = `${String(parcel)}:${String(bytes.value)}:${String(handles.value)}`;
  return [...statuses, ...boxes, sizes].join(" ");
}
