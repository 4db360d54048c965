/**
 * The end of a route, seen from its other end: closed on purpose, cut off in the middle, killed (spec: api 2.4.3, 5.7).
 */
import { IPCZ_RESULT_NOT_FOUND, type IpczHandle } from "@ipcz/api";
import { put } from "../table/calls.ts";
import { checkEqual, checkResult } from "../table/expect.ts";
import { scenario, type NodeBody, type Scenario } from "./scenario.ts";
import { at, single } from "./tuples.ts";
import { times } from "../table/turns.ts";

const CLOSURE_ROUTES = 3000;
const ROUTES_PER_PARCEL = 50;

function parcelsFor(routes: number): number {
  return Math.max(1, Math.round(routes / ROUTES_PER_PARCEL));
}

const closurePropagation = scenario("RemotePortalTest.ClosurePropagation", {
  nodes: {
    closing: async (node) => {
      const toMain = single(node.connectToParent());
      const kept: IpczHandle[] = [];
      await times(parcelsFor(node.scaled(CLOSURE_ROUTES)), () => {
        const pairs = Array.from({ length: ROUTES_PER_PARCEL }, () => node.open());
        kept.push(...pairs.map(([near]) => near));
        node.put(
          toMain,
          "pass them on",
          pairs.map(([, far]) => far),
        );
      });
      // Every route has a proxy on this node and one on the main node now, and all of them begin to leave.
      await node.waitForText(toMain, "passed on");
      node.close(...kept);
      await node.waitForPeerClosed(toMain);
      node.close(toMain);
    },
    watching: async (node) => {
      const fromMain = single(node.connectToParent());
      const portals: IpczHandle[] = [];
      await times(parcelsFor(node.scaled(CLOSURE_ROUTES)), async () => {
        portals.push(...(await node.waitForText(fromMain, "yours")));
      });
      await node.waitForDeath(...portals);
      node.close(...portals, fromMain);
    },
  },
  main: async (node) => {
    const toClosing = single(await node.spawn("closing"));
    const toWatching = single(await node.spawn("watching"));
    await times(parcelsFor(node.scaled(CLOSURE_ROUTES)), async () => {
      node.put(toWatching, "yours", await node.waitForText(toClosing, "pass them on"));
    });
    node.put(toClosing, "passed on");
    await node.waitForPeerClosed(toWatching);
    node.close(toClosing, toWatching);
  },
});

/** Keeps one end and sees it die. */
const holding: NodeBody = async (node) => {
  const toMain = single(node.connectToParent());
  const [near, far] = node.open();
  node.put(toMain, "pass it on", [far]);
  await node.waitForDeath(near);
  node.close(near, toMain);
};

/** Passes a portal on and stays, perhaps as a proxy. */
const between: NodeBody = async (node) => {
  const fromMain = single(node.connectToParent());
  const toThird = await node.waitForHandle(fromMain);
  node.put(toThird, "yours", [await node.waitForHandle(fromMain)]);
  await node.waitForPeerClosed(fromMain);
  node.close(toThird, fromMain);
};

/** The main node of the two stories below: brings a portal of the first node to the third by way of the second. */
const pairThreeNodes: NodeBody = async (node) => {
  const toFirst = single(await node.spawn("first"));
  const toSecond = single(await node.spawn("second"));
  const toThird = single(await node.spawn("third"));
  const [left, right] = node.open();
  node.put(toSecond, "the third", [left]);
  node.put(toThird, "the second", [right]);
  node.put(toSecond, "pass it on", [await node.waitForHandle(toFirst)]);
  await node.waitForPeerClosed(toFirst);
  node.close(toFirst, toSecond, toThird);
};

const disconnectThroughProxy = scenario("RemotePortalTest.DisconnectThroughProxy", {
  nodes: {
    first: holding,
    second: between,
    third: async (node) => {
      const fromMain = single(node.connectToParent());
      const fromSecond = await node.waitForHandle(fromMain);
      const portal = await node.waitForHandle(fromSecond);
      node.closeThisNode();
      node.close(portal, fromSecond, fromMain);
    },
  },
  main: pairThreeNodes,
});

const killedThroughProxy = scenario("ClosureTest.KilledThroughProxy", {
  nodes: {
    first: holding,
    second: between,
    third: {
      vanishes: true,
      body: async (node) => {
        const fromMain = single(node.connectToParent());
        await node.waitForHandle(await node.waitForHandle(fromMain));
        node.vanish();
      },
    },
  },
  main: pairThreeNodes,
});

const UNREAD_PARCELS = 50;

const parcelsOutliveTheirSender = scenario("ClosureTest.ParcelsOutliveTheirSender", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      await node.waitForText(portal, "all of them");
      await times(UNREAD_PARCELS, (index) => {
        node.put(portal, `parcel ${String(index)}`, [node.boxBlob(`box ${String(index)}`)]);
      });
      // Closed, and its node too, in the same turn as the last put.
      node.close(portal);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    node.put(portal, "all of them");
    await node.waitForPeerClosed(portal);
    checkEqual("unread parcels", node.status(portal).numLocalParcels, UNREAD_PARCELS);
    checkResult("Put", put(node.api, portal, "too late"), IPCZ_RESULT_NOT_FOUND);
    await times(UNREAD_PARCELS, async (index) => {
      const box = single(await node.waitForText(portal, `parcel ${String(index)}`));
      checkEqual("text in the box", node.unboxBlob(box), `box ${String(index)}`);
    });
    await node.waitForDeath(portal);
    node.close(portal);
  },
});

const brokerLossResetsTheNetwork = scenario("ClosureTest.BrokerLossResetsItsNetwork", {
  nodes: {
    broker: {
      role: "broker",
      body: async (node) => {
        const fromMain = single(node.connectToParent());
        const clients = [single(await node.spawn("client")), single(await node.spawn("client"))];
        const [left, right] = node.open();
        node.put(at(clients, 0), "meet", [left]);
        node.put(at(clients, 1), "meet", [right]);
        await Promise.all(clients.map((client) => node.waitForText(client, "met")));
        node.closeThisNode();
        node.close(...clients, fromMain);
      },
    },
    client: async (node) => {
      const fromBroker = single(node.connectToParent());
      const portal = await node.waitForHandle(fromBroker);
      await node.waitForDirectRemoteLink(portal);
      node.put(fromBroker, "met");
      // The other client still runs, but without the broker there is no network to be in.
      await node.waitForDeath(fromBroker, portal);
      node.close(fromBroker, portal);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("broker"));
    await node.waitForDeath(portal);
    node.close(portal);
  },
});

const closedBeforeTheHandshakeEnds = scenario("ClosureTest.ClosedBeforeTheHandshakeEnds", {
  nodes: {
    client: async (node) => {
      // The node is closed in the same turn, before anybody can have answered.
      node.close(...node.connectToParent(2));
    },
  },
  main: async (node) => {
    const portals = await node.spawn("client", 2);
    await node.waitForDeath(...portals);
    node.close(...portals);
  },
});

/** Closure and loss: two by the names of spec: api 5.7, then four of our own. */
export const closureSuite: readonly Scenario[] = [
  closurePropagation,
  disconnectThroughProxy,
  killedThroughProxy,
  parcelsOutliveTheirSender,
  brokerLossResetsTheNetwork,
  closedBeforeTheHandshakeEnds,
];
