/**
 * A second connection between nodes that have one: the new one takes over, the old portals see their peer closed
 * (spec: api 4.6 and 5.4).
 *
 * The new transport travels in a box over the old connection.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_NO_FLAGS,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import type { NodeRole } from "./environment.ts";
import { scenario, type NodeBody, type Scenario } from "./scenario.ts";
import type { TestNode } from "./test-node.ts";
import { single } from "./tuples.ts";

/** Sends one end of a new pair of transports over `portal`, and keeps the other. */
async function offerTransport(
  node: TestNode,
  portal: IpczHandle,
  remote: NodeRole,
): Promise<IpczDriverHandle> {
  const [ours, theirs] = node.createTransports(remote);
  node.put(portal, "a new transport", [node.boxDriverObject(theirs)]);
  return ours;
}

/** Receives what `offerTransport` sent. */
async function acceptTransport(node: TestNode, portal: IpczHandle): Promise<IpczDriverHandle> {
  return node.unboxDriverObject(single(await node.waitForText(portal, "a new transport")));
}

/** Connects to the parent, then again, and sees the first portal die. */
const connectTwice: NodeBody = async (node) => {
  const first = single(node.connectToParent());
  const transport = await acceptTransport(node, first);
  const second = single(node.connect(transport, 1, node.flagsTowardsParent()));
  await node.waitForDeath(first);
  await node.ping(second);
  await node.waitForPeerClosed(second);
  node.close(first, second);
};

async function reconnectToChild(node: TestNode, child: NodeRole): Promise<void> {
  const first = single(await node.spawn("client"));
  const transport = await offerTransport(node, first, child);
  const flags = child === "broker" ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_NO_FLAGS;
  const second = single(node.connect(transport, 1, flags));
  await node.waitForDeath(first);
  await node.ping(second);
  node.close(first, second);
}

const brokerNonBroker = scenario("ReconnectTest.BrokerNonBroker", {
  nodes: { client: connectTwice },
  main: (node) => reconnectToChild(node, "non-broker"),
});

const brokerBroker = scenario("ReconnectTest.BrokerBroker", {
  nodes: { client: { role: "broker", body: connectTwice } },
  main: (node) => reconnectToChild(node, "broker"),
});

/** The client that stays: loses its portal to the other one, and is given a new one. */
const staying: NodeBody = async (node) => {
  const fromMain = single(node.connectToParent());
  const before = await node.waitForHandle(fromMain);
  await node.waitForDirectRemoteLink(before);
  await node.waitForDeath(before);
  node.put(fromMain, "it is gone");
  const after = await node.waitForHandle(fromMain);
  await node.waitForDirectRemoteLink(after);
  node.close(before, after, fromMain);
};

/** The client that connects to the broker anew: a new node in the eyes of everyone else. */
const reconnecting: NodeBody = async (node) => {
  const first = single(node.connectToParent());
  const before = await node.waitForHandle(first);
  await node.waitForDirectRemoteLink(before);
  node.put(first, "ready");
  const transport = await acceptTransport(node, first);
  const second = single(node.connect(transport, 1, node.flagsTowardsParent()));
  await node.waitForDeath(first, before);
  const after = await node.waitForHandle(second);
  await node.waitForDirectRemoteLink(after);
  node.close(first, before, after, second);
};

const transitiveReconnection = scenario("ReconnectTest.TransitiveReconnection", {
  nodes: { staying, reconnecting },
  main: async (node) => {
    const toStaying = single(await node.spawn("staying"));
    const first = single(await node.spawn("reconnecting"));
    const [before, beforePeer] = node.open();
    node.put(toStaying, "before", [before]);
    node.put(first, "before", [beforePeer]);
    await node.waitForText(first, "ready");
    const transport = await offerTransport(node, first, "non-broker");
    const second = single(node.connect(transport, 1, IPCZ_NO_FLAGS));
    await node.waitForText(toStaying, "it is gone");
    await node.waitForDeath(first);
    const [after, afterPeer] = node.open();
    node.put(toStaying, "after", [after]);
    node.put(second, "after", [afterPeer]);
    await node.waitForPeerClosed(toStaying, second);
    node.close(toStaying, first, second);
  },
});

/** Reconnections, by the names of spec: api 5.4. */
export const reconnectSuite: readonly Scenario[] = [
  brokerNonBroker,
  brokerBroker,
  transitiveReconnection,
];
