/**
 * The graph of routers, as seen from outside.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczHandle,
} from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { describe, expect, it } from "vitest";
import { inspectRouters, type RouterView } from "../../src/inspect/index.ts";
import { api, closeAll, connect, createNode, gaveAway, openPortals, useStage } from "./stage.ts";

useStage();

const bytes = new Uint8Array(3);

function put(portal: IpczHandle, handles: readonly IpczHandle[] = []): void {
  const result = api.Put(portal, bytes, 3, handles, handles.length, IPCZ_NO_FLAGS, null);
  expect(result).toBe(IPCZ_RESULT_OK);
  for (const handle of handles) gaveAway(handle);
}

function routerOf(portal: IpczHandle): RouterView {
  return inspectRouters().find((router) => router.portal === portal)!;
}

describe("the graph of routers", () => {
  it("joins a local pair, and counts what waits at each end", () => {
    const [a, b] = openPortals(createNode(memWorld().driver("n"), IPCZ_CREATE_NODE_AS_BROKER));
    put(a);
    put(a);
    const routers = inspectRouters();
    expect(routers.map(({ index }) => index)).toEqual([0, 1]);
    const [viewA, viewB] = [routerOf(a), routerOf(b)];
    expect(viewA.outward.primary).toEqual({
      kind: "local",
      type: "central",
      remoteNode: null,
      sublink: null,
      router: viewB.index,
    });
    expect(viewB.outward.primary?.router).toBe(viewA.index);
    expect(viewB).toMatchObject({ role: "terminal", inboundParcels: 2, inboundBytes: 6 });
    expect(viewA).toMatchObject({ inward: null, bridge: null, isPeerGone: false });
  });

  it("shows a portal inside a parcel as a router without a handle", () => {
    const node = createNode(memWorld().driver("n"), IPCZ_CREATE_NODE_AS_BROKER);
    const [a] = openPortals(node);
    const [moved, peer] = openPortals(node);
    put(a, [moved]);
    const routers = inspectRouters();
    const other = routers[routerOf(peer).outward.primary!.router!];
    expect(other).toMatchObject({ portal: null, role: "terminal" });
    expect(routers).toHaveLength(4);
  });

  it("shows two merged ends, and what cannot leave yet, until there is a link", () => {
    const world = memWorld({ schedule: "seeded", seed: 1 });
    const [driverA, driverB] = [world.driver("a"), world.driver("b")];
    const node = createNode(driverA, IPCZ_CREATE_NODE_AS_BROKER);
    const other = createNode(driverB, IPCZ_NO_FLAGS);
    const [transportA, transportB] = world.connect(driverA, driverB);
    const [initial = IPCZ_INVALID_HANDLE] = connect(node, transportA, IPCZ_NO_FLAGS);
    connect(other, transportB, IPCZ_CONNECT_NODE_TO_BROKER);
    const [outer, inner] = openPortals(node);
    expect(api.MergePortals(inner, initial, IPCZ_NO_FLAGS, null)).toBe(IPCZ_RESULT_OK);
    for (const portal of [inner, initial]) gaveAway(portal);
    put(outer);
    const bridges = inspectRouters().filter(({ role }) => role === "bridge");
    expect(bridges.map(({ bridge }) => bridge?.primary?.router)).toEqual(
      bridges.map(({ index }) => index).toReversed(),
    );
    expect(new Set(bridges.map(({ outboundParcels }) => outboundParcels))).toEqual(new Set([0, 1]));
    world.runUntilIdle();
    expect(inspectRouters().filter(({ role }) => role !== "terminal")).toEqual([]);
    closeAll();
    world.runUntilIdle();
  });

  it("shows a proxy where a portal was, and no more once the route is direct", () => {
    const world = memWorld({ schedule: "seeded", seed: 1 });
    const [driverA, driverB] = [world.driver("a"), world.driver("b")];
    const nodeA = createNode(driverA, IPCZ_CREATE_NODE_AS_BROKER);
    const nodeB = createNode(driverB, IPCZ_NO_FLAGS);
    const [transportA, transportB] = world.connect(driverA, driverB);
    connect(nodeA, transportA, IPCZ_NO_FLAGS, 2);
    const [carrier, moved] = connect(nodeB, transportB, IPCZ_CONNECT_NODE_TO_BROKER, 2);
    world.runUntilIdle();
    put(carrier!, [moved!]);
    const [proxy] = inspectRouters().filter(({ role }) => role === "proxy");
    expect(proxy).toMatchObject({ portal: null, bridge: null });
    expect(proxy?.inward).toMatchObject({
      primary: null,
      decaying: { kind: "remote", type: "inward", router: null },
    });
    world.runUntilIdle();
    expect(inspectRouters().map(({ role }) => role)).not.toContain("proxy");
    closeAll();
    world.runUntilIdle();
  });
});
