/**
 * Two routes made one in their middle, wherever the other ends are and whatever happens to them (spec: api 5.5).
 */
import { scenario, type Scenario } from "./scenario.ts";
import { at, single, two } from "./tuples.ts";
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

const mergeWithClosedLocalPeer = scenario("MergePortalsTest.MergeWithClosedLocalPeer", {
  nodes: {
    client: async (node) => {
      const portals = node.connectToParent(2);
      await node.waitForDeath(...portals);
      node.close(...portals);
    },
  },
  main: async (node) => {
    const [first, second] = two(await node.spawn("client", 2));
    const [closedFirst, mergedFirst] = node.open();
    const [closedSecond, mergedSecond] = node.open();
    node.close(closedFirst, closedSecond);
    // The order of the two arguments must not matter.
    node.merge(first, mergedFirst);
    node.merge(mergedSecond, second);
  },
});

const mergeWithClosedRemotePeer = scenario("MergePortalsTest.MergeWithClosedRemotePeer", {
  nodes: {
    client: async (node) => {
      const [first, second] = two(node.connectToParent(2));
      node.close(first, second);
    },
  },
  main: async (node) => {
    const [first, second] = two(await node.spawn("client", 2));
    const [nearFirst, farFirst] = node.open();
    const [nearSecond, farSecond] = node.open();
    await node.waitForPeerClosed(first);
    node.merge(first, farFirst);
    node.merge(farSecond, second);
    await node.waitForDeath(nearFirst, nearSecond);
    node.close(nearFirst, nearSecond);
  },
});

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

/** Merges, by the names of spec: api 5.5, and one of our own at the end. */
export const mergeSuite: readonly Scenario[] = [
  mergeWithInitialPortal,
  mergeWithClosedLocalPeer,
  mergeWithClosedRemotePeer,
  mergeComplexRoutes,
  raceWithDisconnect,
  mergeChain,
];
