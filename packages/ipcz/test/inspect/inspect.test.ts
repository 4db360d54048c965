import type { IpczHandle } from "@ipcz/api";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isWindows } from "../../../../tools/conformance/src/runs-here.ts";
import { inspectNode, inspectPortal, inspectProcess } from "../../src/inspect/index.ts";
import { LocalNode, type Portal, PortalPort } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedNodes, links, type Network, systemLink } from "../support/networks.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const noHandle = 1 as IpczHandle;

async function received(portal: Portal): Promise<Portal> {
  const [found] = (await portal.receive())?.portals ?? [];
  if (!found) throw new Error("no portal came");
  return found;
}

async function untilDirect(portal: Portal): Promise<void> {
  while (inspectPortal(portal)?.isDirect === false)
    await new Promise((resolve) => setImmediate(resolve));
}

describe.each(links)("two nodes, inspected, over %s", (_name, makeLink) => {
  let network: Network;
  beforeEach(async () => {
    network = connectedNodes(makeLink);
    network.near.put("hello");
    await network.far.receive();
  });
  afterEach(() => network.close());

  it("know each other", () => {
    const [broker, member] = [inspectNode(network.broker)!, inspectNode(network.member)!];
    expect([broker.isBroker, member.isBroker]).toEqual([true, false]);
    expect(broker.name).toMatch(/^[0-9a-f]{32}$/);
    expect(broker.connections).toMatchObject([
      { remoteNode: member.name, remoteIsBroker: false, sublinks: 1 },
    ]);
    expect(member.connections).toMatchObject([{ remoteNode: broker.name, isOwnBroker: true }]);
    expect(inspectNode(network.broker.handle)).toEqual(broker);
    const names = inspectProcess().nodes.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set([broker.name, member.name]));
  });

  it("have a portal with a direct route between them", () => {
    expect(inspectPortal(network.near)).toMatchObject({
      isDirect: true,
      remoteNode: inspectNode(network.member)?.name,
      outward: { kind: "remote", type: "central" },
      decaying: null,
    });
  });

  it("show a portal that moves, until its route is direct again", async () => {
    const { broker, near, far } = network;
    const [mine, yours] = broker.openPortals();
    expect(inspectPortal(mine)).toMatchObject({ isDirect: true, remoteNode: null });
    near.put({ handles: [yours] });
    expect(inspectPortal(yours)).toBeNull();
    const there = await received(far);
    far.put({ handles: [there] });
    const back = await received(near);
    await untilDirect(mine);
    expect(inspectPortal(back)).toMatchObject({ isDirect: true, remoteNode: null });
    const port = new PortalPort(back);
    expect(inspectPortal(port)?.isDirect).toBe(true);
    for (const each of [mine, port]) each.close();
    expect([inspectPortal(mine), inspectPortal(port)]).toEqual([null, null]);
  });

  it("show the memory that a parcel takes", async () => {
    const before = inspectNode(network.member)!.memory;
    expect(before).toMatchObject({ buffers: 1, usedFragments: 0, usedBytes: 0 });
    network.near.put(new Uint8Array(3000));
    while (network.far.status.parcels === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(inspectNode(network.member)!.memory).toEqual({
      ...before,
      usedFragments: 1,
      usedBytes: 4096,
    });
    network.far.get();
    expect(inspectNode(network.member)!.memory).toEqual(before);
  });

  it("are in a graph with their routers", () => {
    const { routers, routerCount, handleCount } = inspectProcess();
    expect(new Set(routers.map(({ portal }) => portal))).toEqual(
      new Set([network.near.handle, network.far.handle]),
    );
    for (const { role, outward } of routers) {
      expect(role).toBe("terminal");
      expect(outward.primary).toMatchObject({ kind: "remote", type: "central", router: null });
    }
    expect(routerCount).toBe(2);
    expect(handleCount).toBeGreaterThanOrEqual(4);
  });

  it("are not there any more when they are closed", () => {
    network.broker.close();
    expect(inspectNode(network.broker)).toBeNull();
    expect(inspectProcess().nodes).toHaveLength(1);
  });
});

describe("what a driver holds", () => {
  it("is counted: connections, memory, descriptors", () => {
    const network = connectedNodes(systemLink);
    expect(inspectNode(network.broker)?.driver).toMatchObject({
      transports: 1,
      [isWindows ? "openHandles" : "openDescriptors"]: expect.any(Number) as number,
      mappedBytes: expect.any(Number) as number,
    });
    network.close();
    const driver = systemDriver();
    const node = new LocalNode(driver);
    expect(Object.values(inspectNode(node)!.driver!)).toEqual(
      Object.keys(driver.liveObjects()).map(() => 0),
    );
    node.close();
  });

  it("is not known of a driver that cannot tell", () => {
    const driver = { ...memDriver() };
    Reflect.deleteProperty(driver, "liveObjects");
    const node = new LocalNode(driver);
    expect(inspectNode(node)?.driver).toBeNull();
    node.close();
  });
});

it("nothing is to be seen of what is not ours", () => {
  const node = new LocalNode(memDriver());
  const [a, b] = node.openPortals();
  expect([inspectNode(noHandle), inspectPortal(noHandle)]).toEqual([null, null]);
  expect([inspectNode(a.handle), inspectPortal(node.handle)]).toEqual([null, null]);
  for (const each of [a, b, node]) each.close();
});
