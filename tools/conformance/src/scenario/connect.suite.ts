/**
 * How nodes come to know each other: handshakes that work and handshakes that fail (spec: api 4 and 5.3).
 *
 * Whatever goes wrong, `ConnectNode` has already answered `OK`; what the application sees is that the peer of its
 * initial portals is closed.
 */
import { IPCZ_CONNECT_NODE_SHARE_BROKER } from "@ipcz/api";
import { checkEqual } from "../table/expect.ts";
import { scenario, type NodeBody, type Scenario } from "./scenario.ts";
import type { TestNode } from "./test-node.ts";
import { times } from "../table/turns.ts";
import { at, single, two } from "./tuples.ts";

const GARBAGE = "this is not how ipcz greets";

/** Connects, and expects nothing but to be let down. */
const expectLoss: NodeBody = async (node) => {
  const portal = single(node.connectToParent());
  await node.waitForDeath(portal);
  node.close(portal);
};

/** Says something that is no greeting, and expects to be cut off for it. */
const greetWithGarbage: NodeBody = async (node) => {
  const channel = node.rawChannel(node.takeParentTransport());
  channel.activate();
  channel.transmit(GARBAGE);
  await node.waitForFailure(channel);
  await node.closeChannel(channel);
};

/** Answers one ping at each initial portal, then stays until the other side is done. */
async function answerAndStay(node: TestNode, portalCount: number): Promise<void> {
  const portals = node.connectToParent(portalCount);
  await Promise.all(portals.map((portal) => node.answerPing(portal)));
  await node.waitForPeerClosed(...portals);
  node.close(...portals);
}

const brokerToNonBroker = scenario("ConnectTest.BrokerToNonBroker", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      await node.waitForPeerClosed(portal);
      node.close(portal);
    },
  },
  main: async (node) => {
    node.close(single(await node.spawn("client")));
  },
});

const surplusPortals = scenario("ConnectTest.SurplusPortals", {
  nodes: {
    client: async (node) => {
      const portals = node.connectToParent(5);
      await node.waitForDeath(...portals.slice(2));
      await Promise.all(portals.slice(0, 2).map((portal) => node.ping(portal)));
      node.close(...portals);
    },
  },
  main: async (node) => {
    const portals = await node.spawn("client", 2);
    await Promise.all(portals.map((portal) => node.ping(portal)));
    node.close(...portals);
  },
});

const disconnectWithoutBrokerHandshake = scenario("ConnectTest.DisconnectWithoutBrokerHandshake", {
  nodes: { client: expectLoss },
  main: async (node) => {
    await node.activateAndClose(await node.spawnNoConnect("client"));
  },
});

const disconnectWithoutNonBrokerHandshake = scenario(
  "ConnectTest.DisconnectWithoutNonBrokerHandshake",
  {
    nodes: {
      // Its transport is closed, unused, when the body ends.
      client: async () => {},
    },
    main: async (node) => {
      const portal = single(await node.spawn("client"));
      await node.waitForDeath(portal);
      node.close(portal);
    },
  },
);

const disconnectOnBadBrokerMessage = scenario("ConnectTest.DisconnectOnBadBrokerMessage", {
  nodes: { client: expectLoss },
  main: async (node) => {
    const channel = node.rawChannel(await node.spawnNoConnect("client"));
    channel.transmit(GARBAGE);
    channel.activate();
    await node.waitForFailure(channel);
    await node.closeChannel(channel);
  },
});

const disconnectOnBadNonBrokerMessage = scenario("ConnectTest.DisconnectOnBadNonBrokerMessage", {
  nodes: { client: greetWithGarbage },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    await node.waitForDeath(portal);
    node.close(portal);
  },
});

/** Passes the portal that the parent sends on to a child, which shares our broker. */
const introduceChild: NodeBody = async (node) => {
  const fromParent = single(node.connectToParent());
  const toChild = single(await node.spawn("child"));
  node.put(toChild, "for you", [await node.waitForHandle(fromParent)]);
  await node.waitForPeerClosed(toChild);
  node.close(toChild, fromParent);
};

const nonBrokerToNonBroker = scenario("ConnectTest.NonBrokerToNonBroker", {
  nodes: {
    client: introduceChild,
    child: async (node) => {
      const fromParent = single(node.connectToParent());
      const portal = await node.waitForHandle(fromParent);
      node.put(portal, "a box", [node.boxBlob("from one grandchild to the other")]);
      const box = single(await node.waitForText(portal, "a box"));
      checkEqual("text in the box", node.unboxBlob(box), "from one grandchild to the other");
      await node.waitForDirectRemoteLink(portal);
      node.close(portal, fromParent);
    },
  },
  main: async (node) => {
    const toFirst = single(await node.spawn("client"));
    const toSecond = single(await node.spawn("client"));
    const [left, right] = node.open();
    node.put(toFirst, "left", [left]);
    node.put(toSecond, "right", [right]);
    await node.waitForPeerClosed(toFirst, toSecond);
    node.close(toFirst, toSecond);
  },
});

const badNonBrokerReferral = scenario("ConnectTest.BadNonBrokerReferral", {
  nodes: {
    client: async (node) => {
      const fromParent = single(node.connectToParent());
      const transport = await node.spawnNoConnect("child");
      const portal = single(node.connect(transport, 1, IPCZ_CONNECT_NODE_SHARE_BROKER));
      await node.waitForDeath(portal);
      node.close(portal);
      // The referral failed, the node it came from did not.
      await node.ping(fromParent);
      node.close(fromParent);
    },
    child: greetWithGarbage,
  },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    await node.ping(portal);
    await node.waitForPeerClosed(portal);
    node.close(portal);
  },
});

const failedNonBrokerReferral = scenario("ConnectTest.FailedNonBrokerReferral", {
  nodes: {
    client: async (node) => {
      const fromParent = single(node.connectToParent());
      await node.activateAndClose(await node.spawnNoConnect("child"));
      await node.ping(fromParent);
      node.close(fromParent);
    },
    child: expectLoss,
  },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    await node.ping(portal);
    await node.waitForPeerClosed(portal);
    node.close(portal);
  },
});

const brokerToBroker = scenario("ConnectTest.BrokerToBroker", {
  nodes: {
    other: { role: "broker", body: (node) => answerAndStay(node, 1) },
  },
  main: async (node) => {
    const portal = single(await node.spawn("other"));
    await node.ping(portal);
    node.close(portal);
  },
});

/** Takes one end of a pair from its broker and expects a direct link to whoever has the other. */
const takeEndAndMeet: NodeBody = async (node) => {
  const fromBroker = single(node.connectToParent());
  const portal = await node.waitForHandle(fromBroker);
  await node.waitForDirectRemoteLink(portal);
  await node.verifyEndToEnd(portal);
  node.close(portal, fromBroker);
};

const multiBrokerIntroductions = scenario("ConnectTest.MultiBrokerIntroductions", {
  nodes: {
    client: takeEndAndMeet,
    other: {
      role: "broker",
      body: async (node) => {
        const fromMain = single(node.connectToParent());
        const toClient = single(await node.spawn("client"));
        node.put(toClient, "your end", [await node.waitForHandle(fromMain)]);
        await node.waitForPeerClosed(toClient);
        node.close(toClient, fromMain);
      },
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const toOther = single(await node.spawn("other"));
    const [left, right] = node.open();
    node.put(toClient, "your end", [left]);
    node.put(toOther, "pass it on", [right]);
    await node.waitForPeerClosed(toClient, toOther);
    node.close(toClient, toOther);
  },
});

const allInitialPortals = scenario("ConnectTest.AllInitialPortalsInOrder", {
  nodes: {
    client: async (node) => {
      const portals = node.connectToParent(12);
      portals.forEach((portal, index) => {
        node.put(portal, `client ${String(index)}`);
      });
      await times(12, async (index) => {
        await node.waitForText(at(portals, index), `broker ${String(index)}`);
      });
      await node.waitForPeerClosed(...portals);
      node.close(...portals);
    },
  },
  main: async (node) => {
    const portals = await node.spawn("client", 12);
    // Before any handshake: what is put now is queued, and must arrive at the portal of the same index.
    portals.forEach((portal, index) => {
      node.put(portal, `broker ${String(index)}`);
    });
    await times(12, async (index) => {
      await node.waitForText(at(portals, index), `client ${String(index)}`);
    });
    node.close(...portals);
  },
});

/** Two pairs over two brokers at once: the second introduction finds the link of the first. */
const twoPairsAcrossBrokers = scenario("ConnectTest.TwoPairsAcrossBrokers", {
  nodes: {
    client: async (node) => {
      const fromBroker = single(node.connectToParent());
      const ends = two((await node.waitToGet(fromBroker)).handles);
      await Promise.all(ends.map((end) => node.waitForDirectRemoteLink(end)));
      node.close(...ends, fromBroker);
    },
    other: {
      role: "broker",
      body: async (node) => {
        const fromMain = single(node.connectToParent());
        const toClient = single(await node.spawn("client"));
        node.put(toClient, "your ends", (await node.waitToGet(fromMain)).handles);
        await node.waitForPeerClosed(toClient);
        node.close(toClient, fromMain);
      },
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const toOther = single(await node.spawn("other"));
    const pairs = [node.open(), node.open()];
    node.put(
      toClient,
      "your ends",
      pairs.map(([left]) => left),
    );
    node.put(
      toOther,
      "pass them on",
      pairs.map(([, right]) => right),
    );
    await node.waitForPeerClosed(toClient, toOther);
    node.close(toClient, toOther);
  },
});

/** Handshakes and referrals, by the names of spec: api 5.3, and two of our own at the end. */
export const connectSuite: readonly Scenario[] = [
  brokerToNonBroker,
  surplusPortals,
  disconnectWithoutBrokerHandshake,
  disconnectWithoutNonBrokerHandshake,
  disconnectOnBadBrokerMessage,
  disconnectOnBadNonBrokerMessage,
  nonBrokerToNonBroker,
  badNonBrokerReferral,
  failedNonBrokerReferral,
  brokerToBroker,
  multiBrokerIntroductions,
  allInitialPortals,
  twoPairsAcrossBrokers,
];
