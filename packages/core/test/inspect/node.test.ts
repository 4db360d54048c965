/**
 * Connections of a node and the memory they share, as seen from outside.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { describe, expect, it } from "vitest";
import {
  inspectConnections,
  inspectNode,
  nodeDriver,
  nodeName,
  openNodes,
} from "../../src/inspect/index.ts";
import { PRIMARY_BUFFER_BYTES } from "../../src/memory/primary-buffer.ts";
import { api, closeAll, connect, createNode, openPortals, useStage } from "./stage.ts";

useStage();

/** A broker and a node that have met. */
function twoNodes() {
  const world = memWorld({ schedule: "seeded", seed: 1 });
  const [driverA, driverB] = [world.driver("a"), world.driver("b")];
  const a = createNode(driverA, IPCZ_CREATE_NODE_AS_BROKER);
  const b = createNode(driverB, IPCZ_NO_FLAGS);
  const [transportA, transportB] = world.connect(driverA, driverB);
  const [portal = IPCZ_INVALID_HANDLE] = connect(a, transportA, IPCZ_NO_FLAGS);
  const [peer = IPCZ_INVALID_HANDLE] = connect(b, transportB, IPCZ_CONNECT_NODE_TO_BROKER);
  world.runUntilIdle();
  return { world, a, b, portal, peer };
}

describe("nodes", () => {
  it("are listed, with names, roles and drivers", () => {
    const { world, a, b, portal } = twoNodes();
    expect(new Set(openNodes())).toEqual(new Set([a, b]));
    expect(inspectNode(a)).toMatchObject({ name: nodeName(a), isBroker: true });
    expect(inspectNode(b)).toMatchObject({ name: nodeName(b), isBroker: false });
    expect(nodeDriver(a)?.size).toBeGreaterThan(0);
    expect(nodeDriver(portal)).toBeNull();
    closeAll();
    world.runUntilIdle();
    expect(openNodes()).toEqual([]);
  });
});

describe("connections", () => {
  it("of a handle that is no node are not shown", () => {
    const node = createNode(memWorld().driver("n"), IPCZ_CREATE_NODE_AS_BROKER);
    const [portal] = openPortals(node);
    expect([inspectConnections(IPCZ_INVALID_HANDLE), inspectConnections(portal)]).toEqual([
      null,
      null,
    ]);
    expect(inspectConnections(node)).toEqual([]);
  });

  it("show who is there, and the memory a new connection has", () => {
    const { world, a, b } = twoNodes();
    const [toB] = inspectConnections(a)!;
    const [toA] = inspectConnections(b)!;
    expect(toB).toMatchObject({
      remoteNode: nodeName(b),
      remoteIsBroker: false,
      isOwnBroker: false,
      sublinks: 1,
      backlogBytes: 0,
    });
    expect(toA).toMatchObject({ remoteNode: nodeName(a), remoteIsBroker: true, isOwnBroker: true });
    expect(toB!.memory).toEqual(toA!.memory);
    expect(toB!.memory.buffers).toBe(1);
    expect(toB!.memory.bytes).toBe(PRIMARY_BUFFER_BYTES);
    expect(toB!.memory.blocks).toEqual([
      { blockSize: 64, count: 1483, free: 1483 },
      { blockSize: 256, count: 8, free: 8 },
      { blockSize: 512, count: 7, free: 7 },
      { blockSize: 1024, count: 3, free: 3 },
      { blockSize: 2048, count: 3, free: 3 },
      { blockSize: 4096, count: 3, free: 3 },
    ]);
    closeAll();
    world.runUntilIdle();
  });

  it("show the block of a parcel that nobody has read", () => {
    const { world, a, b, portal } = twoNodes();
    const free = () =>
      [a, b].map((node) => {
        const { blocks } = inspectConnections(node)![0]!.memory;
        return blocks.find(({ blockSize }) => blockSize === 4096)?.free;
      });
    expect(api.Put(portal, new Uint8Array(3000), 3000, null, 0, IPCZ_NO_FLAGS, null)).toBe(
      IPCZ_RESULT_OK,
    );
    expect(free()).toEqual([2, 2]);
    closeAll();
    world.runUntilIdle();
  });
});
