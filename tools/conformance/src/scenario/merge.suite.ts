/**
 * Two routes made one in their middle, wherever the other ends are and whatever happens to them (spec: api 5.5).
 */
import type { IpczHandle } from "@ipcz/api";
import { scenario, type NodeBody, type Scenario } from "./scenario.ts";
import type { TestNode } from "./test-node.ts";
import { at, single, three, two } from "./tuples.ts";
import { each, times, turn } from "../table/turns.ts";

const mergeWithInitialPortal = scenario("MergePortalsTest.MergeWithInitialPortal", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      await node.waitForText(portal, "through the merge");
      node.put(portal, "and back");
      await node.waitForDirectRemoteLink(portal);
      node.close(portal);
    },
  },
  main: async (node) => {
    const [near, far] = node.open();
    node.put(near, "through the merge");
    node.merge(far, single(await node.spawn("client")));
    await node.waitForText(near, "and back");
    await node.waitForDirectRemoteLink(near);
    node.close(near);
  },
});

const seeDeath: NodeBody = async (node) => {
  const portal = single(node.connectToParent());
  await node.waitForDeath(portal);
  node.close(portal);
};

/** Which of the two arguments of a merge is the route whose other end is closed; it must not matter. */
const mergeWithClosedLocalPeer = scenario("MergePortalsTest.MergeWithClosedLocalPeer", {
  nodes: { client: seeDeath },
  main: async (node) => {
    const live = single(await node.spawn("client"));
    node.merge(openHalf(node), live);
  },
});

const mergeWithClosedLocalPeerAsSecond = scenario(
  "MergePortalsTest.MergeWithClosedLocalPeerAsSecond",
  {
    nodes: { client: seeDeath },
    main: async (node) => {
      const live = single(await node.spawn("client"));
      node.merge(live, openHalf(node));
    },
  },
);

/** A portal whose peer is closed. */
function openHalf(node: TestNode): IpczHandle {
  const [closed, left] = node.open();
  node.close(closed);
  return left;
}

/** Closes all portals but the first, over which it is told when: its connection stands by then. */
const closeWhenTold: NodeBody = async (node) => {
  const portals = node.connectToParent(3);
  const control = at(portals, 0);
  await node.waitForText(control, "close the others");
  node.close(...portals.slice(1));
  await node.waitForPeerClosed(control);
  node.close(control);
};

const mergeWithClosedRemotePeer = scenario("MergePortalsTest.MergeWithClosedRemotePeer", {
  nodes: { client: closeWhenTold },
  main: async (node) => {
    const [control, closed, closing] = three(await node.spawn("client", 3));
    const [nearFirst, farFirst] = node.open();
    const [nearSecond, farSecond] = node.open();
    node.put(control, "close the others");
    await node.waitForPeerClosed(closed);
    node.merge(closed, farFirst);
    // Of this one the news may be here already, or still on its way.
    node.merge(closing, farSecond);
    await node.waitForDeath(nearFirst, nearSecond);
    node.close(nearFirst, nearSecond, control);
  },
});

const mergeWithClosedRemotePeerAsSecond = scenario(
  "MergePortalsTest.MergeWithClosedRemotePeerAsSecond",
  {
    nodes: { client: closeWhenTold },
    main: async (node) => {
      const [control, ...closed] = three(await node.spawn("client", 3));
      const [nearFirst, farFirst] = node.open();
      const [nearSecond, farSecond] = node.open();
      node.put(control, "close the others");
      await node.waitForPeerClosed(...closed);
      node.merge(farFirst, closed[0]);
      node.merge(farSecond, closed[1]);
      await node.waitForDeath(nearFirst, nearSecond);
      node.close(nearFirst, nearSecond, control);
    },
  },
);

const MERGE_ROUNDS = 1000;

const mergeComplexRoutes = scenario("MergePortalsTest.MergeComplexRoutes", {
  nodes: {
    client: async (node) => {
      const fromMain = single(node.connectToParent());
      await times(node.scaled(MERGE_ROUNDS), async () => {
        const { handles } = await node.waitToGet(fromMain);
        node.put(fromMain, "back", handles);
      });
      const portal = await node.waitForHandle(fromMain);
      await node.waitForDirectRemoteLink(portal);
      await node.verifyEndToEnd(portal);
      // Whoever cannot look at a route does not know whether it leads through the other client: both stay until the end.
      node.put(fromMain, "done");
      await node.waitForText(fromMain, "bye");
      node.close(portal, fromMain);
    },
  },
  main: async (node) => {
    const clients = [single(await node.spawn("client")), single(await node.spawn("client"))];
    const left = node.open();
    const right = node.open();
    await times(node.scaled(MERGE_ROUNDS), async () => {
      // Each client has one end of both routes for a while; both routes pile up proxies on both sides.
      node.put(at(clients, 0), "there", [left[0], right[1]]);
      node.put(at(clients, 1), "there", [left[1], right[0]]);
      [left[0], right[1]] = two(await node.waitForText(at(clients, 0), "back"));
      [left[1], right[0]] = two(await node.waitForText(at(clients, 1), "back"));
    });
    node.put(at(clients, 0), "keep", [left[0]]);
    node.put(at(clients, 1), "keep", [right[0]]);
    node.merge(left[1], right[1]);
    await Promise.all(clients.map((client) => node.waitForText(client, "done")));
    for (const client of clients) node.put(client, "bye");
    await node.waitForPeerClosed(...clients);
    node.close(...clients);
  },
});

const RACING_PORTALS = 12;

const raceWithDisconnect = scenario("MergePortalsTest.RaceWithDisconnect", {
  nodes: {
    client: async (node) => {
      const portals = node.connectToParent(RACING_PORTALS);
      await node.waitForText(at(portals, 0), "vanish");
      node.closeThisNode();
      node.close(...portals);
    },
  },
  main: async (node) => {
    const [first, ...merged] = await node.spawn("client", RACING_PORTALS);
    const pairs = merged.map(() => node.open());
    if (first !== undefined) node.put(first, "vanish");
    // One merge a turn: some come before the loss, some after, and one or the other in its middle.
    await times(merged.length, async (index) => {
      node.merge(at(merged, index), at(pairs, index)[1]);
      await turn();
    });
    await node.waitForDeath(...pairs.map(([near]) => near));
    node.close(...pairs.map(([near]) => near));
    if (first !== undefined) node.close(first);
  },
});

const CHAIN_LENGTH = 8;

/** Pairs joined one after the other between two nodes; parcels put at any time keep their order. */
const mergeChain = scenario("MergePortalsTest.MergeChainUnderTraffic", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      await times(CHAIN_LENGTH, async (index) => {
        node.put(portal, `up ${String(index)}`);
        await node.waitForText(portal, `down ${String(index)}`);
      });
      await node.waitForDirectRemoteLink(portal);
      node.close(portal);
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const pairs = Array.from({ length: CHAIN_LENGTH }, () => node.open());
    const near = at(pairs, 0)[0];
    await times(CHAIN_LENGTH, (index) => {
      node.put(near, `down ${String(index)}`);
    });
    await each(pairs.slice(1), async (pair) => {
      const before = at(pairs, pairs.indexOf(pair) - 1);
      node.merge(before[1], pair[0]);
      await turn();
    });
    node.merge(at(pairs, CHAIN_LENGTH - 1)[1], toClient);
    await times(CHAIN_LENGTH, async (index) => {
      await node.waitForText(near, `up ${String(index)}`);
    });
    await node.waitForDirectRemoteLink(near);
    node.close(near);
  },
});

/** Merges, by the names of spec: api 5.5; the chain and the other order of arguments are our own. */
export const mergeSuite: readonly Scenario[] = [
  mergeWithInitialPortal,
  mergeWithClosedLocalPeer,
  mergeWithClosedLocalPeerAsSecond,
  mergeWithClosedRemotePeer,
  mergeWithClosedRemotePeerAsSecond,
  mergeComplexRoutes,
  raceWithDisconnect,
  mergeChain,
];
