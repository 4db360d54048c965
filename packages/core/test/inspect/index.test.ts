/**
 * What can be seen from outside, of everything that has something to see.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  type IpczDriver,
  type IpczHandle,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { getAPI } from "../../src/index.ts";
import {
  areLocalPeers,
  inspectLock,
  inspectNode,
  inspectPortal,
  isDirectRemote,
  liveRouters,
  nodeName,
  openHandles,
} from "../../src/inspect/index.ts";
import { Router } from "../../src/routing/router.ts";
import { processCore } from "../../src/table/table.ts";
import { SIDE_B } from "../../src/wire/ids.ts";
import { TwoNodes } from "../links/two-nodes.ts";

const api = getAPI();
const BOTH_STABLE = 3;
let open: IpczHandle[] = [];
let before: readonly number[] = [];

beforeEach(() => {
  before = [liveRouters(), openHandles()];
});

afterEach(() => {
  for (const handle of open) api.Close(handle, IPCZ_NO_FLAGS, null);
  open = [];
  expect([liveRouters(), openHandles()]).toEqual(before);
});

function createNode(driver: IpczDriver, flags: number): IpczHandle {
  const node = { value: IPCZ_INVALID_HANDLE };
  expect(api.CreateNode(driver, flags, null, node)).toBe(IPCZ_RESULT_OK);
  open.push(node.value);
  return node.value;
}

function openPortals(node: IpczHandle): [IpczHandle, IpczHandle] {
  const [a, b] = [{ value: IPCZ_INVALID_HANDLE }, { value: IPCZ_INVALID_HANDLE }];
  expect(api.OpenPortals(node, IPCZ_NO_FLAGS, null, a, b)).toBe(IPCZ_RESULT_OK);
  open.push(a.value, b.value);
  return [a.value, b.value];
}

function connect(node: IpczHandle, transport: number, flags: number): IpczHandle {
  const portals: IpczHandle[] = [];
  const result = api.ConnectNode(node, transport as never, 1, flags, null, portals);
  expect(result).toBe(IPCZ_RESULT_OK);
  open.push(...portals);
  return portals[0]!;
}

describe("inspection", () => {
  it("of handles that name nothing, or something else, shows nothing", () => {
    const node = createNode(memWorld().driver("n"), IPCZ_CREATE_NODE_AS_BROKER);
    const [portal] = openPortals(node);
    for (const handle of [IPCZ_INVALID_HANDLE, node]) {
      expect(inspectPortal(handle)).toBeNull();
      expect(inspectLock(handle)).toBeNull();
      expect([isDirectRemote(handle), areLocalPeers(handle, portal)]).toEqual([false, false]);
    }
    for (const handle of [IPCZ_INVALID_HANDLE, portal])
      expect([inspectNode(handle), nodeName(handle)]).toEqual([null, null]);
  });

  it("of a local pair shows its link and its lock, and that the two are peers", () => {
    const node = createNode(memWorld().driver("n"), IPCZ_CREATE_NODE_AS_BROKER);
    const [a, b] = openPortals(node);
    const [other] = openPortals(node);
    expect(inspectPortal(a)).toEqual({
      outward: { kind: "local", type: "central", remoteNode: null, sublink: null },
      decaying: null,
      isDirectRemote: false,
      isDirectLocal: true,
    });
    expect(inspectLock(a)).toEqual({ status: BOTH_STABLE, references: null });
    expect([areLocalPeers(a, b), areLocalPeers(a, other)]).toEqual([true, false]);
  });

  it("of a link whose lock word is not known yet shows that there is one", () => {
    const nodes = new TwoNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "now",
    });
    const [linkA, linkB] = [nodes.a.linkTo(nodes.b), nodes.b.linkTo(nodes.a)];
    linkA.memory.tryAllocateLinkState();
    const state = linkA.memory.tryAllocateLinkState()!;
    const router = new Router(nodes.b.world);
    const adopted = linkB.memory.adoptLinkState(state.share());
    const bound = linkB.bind(linkA.newSublinks(1), "central", SIDE_B, adopted, router)!;
    router.outward.install(bound);
    const handle = processCore.handles.add(router);
    expect(inspectLock(handle)).toEqual({ status: null, references: null });
    nodes.net.run();
    expect(inspectLock(handle)).toEqual({ status: 0, references: 2 });
    router.outward.beginDecay(null, null);
    const { remoteName, sublink } = { remoteName: nodes.a.name, sublink: bound.sublink };
    expect(inspectPortal(handle)).toEqual({
      outward: null,
      decaying: { kind: "remote", type: "central", remoteNode: remoteName, sublink },
      isDirectRemote: false,
      isDirectLocal: false,
    });
    processCore.handles.remove(handle);
  });

  it("of a portal to another node shows the link when there is one", () => {
    const world = memWorld({ schedule: "seeded", seed: 1 });
    const [driverA, driverB] = [world.driver("a"), world.driver("b")];
    const [nodeA, nodeB] = [
      createNode(driverA, IPCZ_CREATE_NODE_AS_BROKER),
      createNode(driverB, IPCZ_NO_FLAGS),
    ];
    const [transportA, transportB] = world.connect(driverA, driverB);
    const a = connect(nodeA, transportA, IPCZ_NO_FLAGS);
    connect(nodeB, transportB, IPCZ_CONNECT_NODE_TO_BROKER);
    expect(inspectPortal(a)).toMatchObject({ outward: null, isDirectRemote: false });
    expect([inspectLock(a), nodeName(nodeB)]).toEqual([null, null]);
    expect(inspectNode(nodeA)).toEqual({ links: 0, sublinks: 0, pending: 1 });
    world.runUntilIdle();
    const name = nodeName(nodeB);
    expect(inspectPortal(a)).toEqual({
      outward: { kind: "remote", type: "central", remoteNode: name, sublink: 0 },
      decaying: null,
      isDirectRemote: true,
      isDirectLocal: false,
    });
    expect([isDirectRemote(a), nodeName(nodeA)]).not.toContain(null);
    expect(inspectLock(a)).toEqual({ status: BOTH_STABLE, references: null });
    expect(inspectNode(nodeA)).toEqual({ links: 1, sublinks: 1, pending: 0 });
    const handles = open.splice(0);
    for (const handle of handles) api.Close(handle, IPCZ_NO_FLAGS, null);
    world.runUntilIdle();
  });
});
