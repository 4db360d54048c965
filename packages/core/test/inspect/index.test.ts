/**
 * What can be seen from outside, of everything that has something to see.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
} from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { describe, expect, it } from "vitest";
import {
  areLocalPeers,
  inspectLock,
  inspectNode,
  inspectPortal,
  isDirectRemote,
  nodeName,
} from "../../src/inspect/index.ts";
import { Router } from "../../src/routing/router.ts";
import { processCore } from "../../src/table/table.ts";
import { SIDE_B } from "../../src/wire/ids.ts";
import { TwoNodes } from "../links/two-nodes.ts";
import { closeAll, connect, createNode, openPortals, useStage } from "./stage.ts";

const BOTH_STABLE = 3;
useStage();

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
    const [a = IPCZ_INVALID_HANDLE] = connect(nodeA, transportA, IPCZ_NO_FLAGS);
    connect(nodeB, transportB, IPCZ_CONNECT_NODE_TO_BROKER);
    expect(inspectPortal(a)).toMatchObject({ outward: null, isDirectRemote: false });
    expect([inspectLock(a), nodeName(nodeB)]).toEqual([null, null]);
    expect(inspectNode(nodeA)).toMatchObject({ links: 0, sublinks: 0, pending: 1 });
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
    expect(inspectNode(nodeA)).toMatchObject({ links: 1, sublinks: 1, pending: 0 });
    closeAll();
    world.runUntilIdle();
  });
});
