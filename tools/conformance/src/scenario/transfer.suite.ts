/**
 * Portals that travel: sent on, back and forth and through hops, while parcels flow, until the route is direct
 * (spec: api 5.7).
 */
import { IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, IPCZ_TRAP_DEAD, type IpczHandle } from "@ipcz/api";
import { checkEqual } from "../table/expect.ts";
import { scenario, type NodeBody, type Scenario } from "./scenario.ts";
import type { TestNode } from "./test-node.ts";
import { at, single, two } from "./tuples.ts";
import { times, whileTrue } from "../table/turns.ts";

/** Returns each parcel's handles by the way they came, until the other side closes. */
const bounce: NodeBody = async (node) => {
  const portal = single(node.connectToParent());
  await whileTrue(async () => {
    await node.waitFor(portal, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD);
    if (node.status(portal).numLocalParcels === 0) return false;
    node.put(portal, "back", node.get(portal).handles);
    return true;
  });
  node.close(portal);
};

const basicConnection = scenario("RemotePortalTest.BasicConnection", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      node.put(portal, "hello, parent");
      await node.waitForText(portal, "hello, child");
      await node.waitForPeerClosed(portal);
      node.close(portal);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    node.put(portal, "hello, child");
    await node.waitForText(portal, "hello, parent");
    node.close(portal);
  },
});

const portalTransfer = scenario("RemotePortalTest.PortalTransfer", {
  nodes: {
    client: async (node) => {
      const fromMain = single(node.connectToParent());
      const portal = await node.waitForHandle(fromMain);
      await node.verifyEndToEnd(portal);
      await node.waitForDirectRemoteLink(portal);
      node.close(portal, fromMain);
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const [near, far] = node.open();
    node.put(toClient, "yours", [far]);
    await node.verifyEndToEnd(near);
    await node.waitForDirectRemoteLink(near);
    await node.waitForPeerClosed(near, toClient);
    node.close(near, toClient);
  },
});

const HOP_PARCELS = 100;

/** Puts numbered parcels and reads as many from the other end, in order. */
async function exchangeNumbers(node: TestNode, portal: IpczHandle): Promise<void> {
  await times(HOP_PARCELS, (index) => {
    node.put(portal, `parcel ${String(index)}`);
  });
  await times(HOP_PARCELS, async (index) => {
    await node.waitForText(portal, `parcel ${String(index)}`);
  });
  await node.waitForDirectRemoteLink(portal);
}

const multipleHops = scenario("RemotePortalTest.MultipleHops", {
  nodes: {
    first: async (node) => {
      const toMain = single(node.connectToParent());
      const [near, far] = node.open();
      node.put(toMain, "pass it on", [far]);
      await exchangeNumbers(node, near);
      node.close(near, toMain);
    },
    second: async (node) => {
      const fromMain = single(node.connectToParent());
      const portal = await node.waitForHandle(fromMain);
      await exchangeNumbers(node, portal);
      node.close(portal, fromMain);
    },
  },
  main: async (node) => {
    const toFirst = single(await node.spawn("first"));
    const toSecond = single(await node.spawn("second"));
    node.put(toSecond, "it comes from elsewhere", [await node.waitForHandle(toFirst)]);
    await node.waitForPeerClosed(toFirst, toSecond);
    node.close(toFirst, toSecond);
  },
});

const BOUNCES = 100;

const transferBackAndForth = scenario("RemotePortalTest.TransferBackAndForth", {
  nodes: { client: bounce },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const [fixed, initial] = node.open();
    let moving = initial;
    await times(BOUNCES, async (index) => {
      node.put(toClient, "there", [moving]);
      node.put(fixed, `round ${String(index)}`);
      moving = single(await node.waitForText(toClient, "back"));
      await node.waitForText(moving, `round ${String(index)}`);
    });
    await node.waitForDirectLocalLink(fixed, moving);
    await node.verifyEndToEndLocal(fixed, moving);
    node.close(fixed, moving, toClient);
  },
});

const HUGE_PAIRS = 1000;
const PORTALS_PER_PARCEL = 20;

/**
 * Opens its half of the pairs, shares them with the other client, and exchanges a box through each. It stays until the
 * other has all of them, too: a box that a broker relays is lost when its sender goes.
 */
const shareManyPortals: NodeBody = async (node) => {
  const fromMain = single(node.connectToParent());
  const other = await node.waitForHandle(fromMain);
  const parcels = Math.max(1, Math.round(node.scaled(HUGE_PAIRS) / 2 / PORTALS_PER_PARCEL));
  const portals: IpczHandle[] = [];
  await times(parcels, () => {
    const pairs = Array.from({ length: PORTALS_PER_PARCEL }, () => node.open());
    portals.push(...pairs.map(([near]) => near));
    node.put(
      other,
      "my pairs",
      pairs.map(([, far]) => far),
    );
  });
  await times(parcels, async () => {
    portals.push(...(await node.waitForText(other, "my pairs")));
  });
  const count = parcels * PORTALS_PER_PARCEL;
  portals.forEach((portal, index) => {
    // What is first here is second there.
    const number = (index + count) % (2 * count);
    node.put(portal, "box", [node.boxBlob(`box for portal ${String(number)}`)]);
  });
  await times(2 * count, async (index) => {
    const box = single(await node.waitForText(at(portals, index), "box"));
    checkEqual("text in the box", node.unboxBlob(box), `box for portal ${String(index)}`);
  });
  await node.waitForDirectRemoteLink(other);
  node.put(fromMain, "all is here", [other]);
  await node.waitForPeerClosed(fromMain);
  node.close(...portals, fromMain);
};

const hugeNumberOfPortals = scenario("RemotePortalTest.HugeNumberOfPortals", {
  nodes: { client: shareManyPortals },
  main: async (node) => {
    const clients = [single(await node.spawn("client")), single(await node.spawn("client"))];
    const [left, right] = node.open();
    node.put(at(clients, 0), "the other one", [left]);
    node.put(at(clients, 1), "the other one", [right]);
    const first = single(await node.waitForText(at(clients, 0), "all is here"));
    const second = single(await node.waitForText(at(clients, 1), "all is here"));
    await node.waitForDirectLocalLink(first, second);
    node.close(first, second, ...clients);
  },
});

const STRESS_ROUNDS = 100;
const STRESS_CLIENT_PAIRS = 3;

/** Every other round's parcel carries a box too. */
function putNumbered(node: TestNode, portal: IpczHandle, name: string, round: number): void {
  const text = `${name} ${String(round)}`;
  node.put(portal, text, round % 2 === 0 ? [node.boxBlob(`box of ${text}`)] : []);
}

async function getNumbered(
  node: TestNode,
  portal: IpczHandle,
  name: string,
  round: number,
): Promise<void> {
  const text = `${name} ${String(round)}`;
  const handles = await node.waitForText(portal, text);
  if (round % 2 !== 0) checkEqual("number of boxes", handles.length, 0);
  else checkEqual("text in the box", node.unboxBlob(single(handles)), `box of ${text}`);
}

const routingStressTest = scenario("RemotePortalTest.RoutingStressTest", {
  nodes: { client: bounce },
  main: async (node) => {
    const clients: IpczHandle[] = [];
    await times(2 * STRESS_CLIENT_PAIRS, async () => {
      clients.push(single(await node.spawn("client")));
    });
    let [left, right] = node.open();
    const rounds = node.scaled(STRESS_ROUNDS);
    await times(rounds, async (round) => {
      await times(STRESS_CLIENT_PAIRS, async (pair) => {
        const [forLeft, forRight] = [at(clients, 2 * pair), at(clients, 2 * pair + 1)];
        node.put(forLeft, "there", [left]);
        node.put(forRight, "there", [right]);
        left = single(await node.waitForText(forLeft, "back"));
        right = single(await node.waitForText(forRight, "back"));
      });
      putNumbered(node, left, "from the left", round);
      putNumbered(node, right, "from the right", round);
      // Half of what was put is read on the way, so that read positions travel too.
      if (round % 2 === 0) {
        await getNumbered(node, left, "from the right", round / 2);
        await getNumbered(node, right, "from the left", round / 2);
      }
    });
    const read = Math.ceil(rounds / 2);
    await times(rounds - read, async (index) => {
      await getNumbered(node, left, "from the right", read + index);
      await getNumbered(node, right, "from the left", read + index);
    });
    await node.waitForDirectLocalLink(left, right);
    node.close(left, right, ...clients);
  },
});

/** Takes a place in a row of nodes and passes one portal along it. */
const relay: NodeBody = async (node) => {
  const fromMain = single(node.connectToParent());
  const [from, to] = two((await node.waitToGet(fromMain)).handles);
  node.put(to, "pass it on", [await node.waitForHandle(from)]);
  await node.waitForPeerClosed(fromMain);
  node.close(from, to, fromMain);
};

/** Both ends handed on at the same time through two nodes each: every proxy wants to leave at once. */
const bothEndsThroughRelays = scenario("RemotePortalTest.BothEndsThroughRelays", {
  nodes: {
    relay,
    end: async (node) => {
      const fromMain = single(node.connectToParent());
      const place = await node.waitForHandle(fromMain);
      const portal = await node.waitForHandle(place);
      await exchangeNumbers(node, portal);
      node.close(portal, place, fromMain);
    },
  },
  main: async (node) => {
    const rows = [await startRow(node), await startRow(node)];
    const pair = node.open();
    rows.forEach(({ entry }, index) => {
      node.put(entry, "pass it on", [at(pair, index)]);
    });
    await node.waitForPeerClosed(...rows.map(({ end }) => end));
    for (const { entry, relays, end } of rows) node.close(entry, ...relays, end);
  },
});

interface Row {
  /** What is put here goes through both relays to the end. */
  readonly entry: IpczHandle;
  readonly relays: readonly IpczHandle[];
  readonly end: IpczHandle;
}

/** Starts two relays and an end, with a portal pair between each and the next. */
async function startRow(node: TestNode): Promise<Row> {
  const relays = [single(await node.spawn("relay")), single(await node.spawn("relay"))];
  const end = single(await node.spawn("end"));
  const [entry, first] = node.open();
  const [afterFirst, second] = node.open();
  const [afterSecond, last] = node.open();
  node.put(at(relays, 0), "your place", [first, afterFirst]);
  node.put(at(relays, 1), "your place", [second, afterSecond]);
  node.put(end, "your place", [last]);
  return { entry, relays, end };
}

/** Transfers, by the names of spec: api 5.7, and one of our own at the end. */
export const transferSuite: readonly Scenario[] = [
  basicConnection,
  portalTransfer,
  multipleHops,
  transferBackAndForth,
  hugeNumberOfPortals,
  routingStressTest,
  bothEndsThroughRelays,
];
