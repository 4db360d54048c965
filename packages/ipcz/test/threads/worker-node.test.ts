/**
 * Nodes of threads: with workers of Node, and with seats handed over by hand.
 */
import { once } from "node:events";
import { isDirectRemote } from "@ipcz/core/inspect";
import { describe, expect, it } from "vitest";
import {
  connectToStarter,
  isIpczError,
  type Portal,
  type StartWorkerOptions,
  ThreadNode,
  WorkerNode,
} from "../../src/index.ts";
import { joinThread } from "../../src/threads/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";

expectNothingLeftOver();

const script = new URL("../fixtures/thread-echo.mjs", import.meta.url);

async function ask(portal: Portal, text: string): Promise<string | undefined> {
  portal.put(text);
  return (await portal.receive())?.text();
}

/** Workers over `node`; each is ended by closing its portals. */
function start(node: WorkerNode, options: StartWorkerOptions = {}) {
  const child = node.worker(script, { execArgv: [], ...options });
  return { ...child, exited: once(child.worker, "exit") };
}

describe("a worker that a node starts", () => {
  it("is connected by as many portals as were asked for, and keeps the data it was given", async () => {
    const node = new WorkerNode();
    const { portals, portal, exited } = start(node, { portals: 2, workerData: { color: "red" } });
    expect(portals).toHaveLength(2);
    for (const each of portals) expect(await ask(each, "hello")).toBe('hello {"color":"red"}');
    for (const each of portals) each.close();
    expect(await exited).toEqual([0]);
    expect((await portal.closed) satisfies string).toBe("closed");
    node.close();
  });

  it("gets a direct line to another worker, and order is kept", async () => {
    const node = new WorkerNode();
    const [first, second] = [start(node), start(node)];
    const [near, far] = node.openPortals();
    first.portal.put({ bytes: "keep", handles: [far] });
    second.portal.put({ bytes: "back", handles: [near] });
    const returned = await second.portal.receive();
    const [line] = returned?.portals ?? [];
    if (!line) throw new Error("the portal was lost");
    expect(await ask(line, "ready")).toBe("ready {}");
    for (let index = 0; index < 1000; index++) line.put(String(index));
    for (let index = 0; index < 1000; index++)
      expect((await line.receive())?.text()).toBe(`${index} {}`);
    while (!isDirectRemote(line.handle)) await new Promise((resolve) => setImmediate(resolve));
    for (const each of [line, first.portal, second.portal]) each.close();
    await Promise.all([first.exited, second.exited]);
    node.close();
  });

  it("closes its portals' peers when it is terminated", async () => {
    const node = new WorkerNode();
    const { worker, portal } = start(node);
    expect(await ask(portal, "hello")).toBe("hello {}");
    await worker.terminate();
    expect(await portal.closed).toBe("peer-closed");
    portal.close();
    node.close();
  });

  it.each<[string, StartWorkerOptions]>([
    ["data that is no object", { workerData: "text" as never }],
    ["data with a seat of its own", { workerData: { ipcz: 1 } }],
    ["too many portals", { portals: 13 }],
    ["no portal", { portals: 0 }],
  ])("is not started with %s", (_name, options) => {
    const node = new WorkerNode();
    expect(() => node.worker(script, options)).toThrow(/workerData|portals/);
    node.close();
  });

  it("that cannot be started leaves nothing", () => {
    const node = new WorkerNode();
    expect(() => node.worker("no/absolute/path.mjs")).toThrow(/path/i);
    node.close();
  });

  it("has nothing to join when no node has started it", () => {
    let error: unknown = null;
    try {
      connectToStarter();
    } catch (thrown) {
      error = thrown;
    }
    expect(isIpczError(error, "ERR_IPCZ_NO_PARENT")).toBe(true);
  });
});

describe("a seat", () => {
  it("joins a node to the one that offered it, also in the same thread", async () => {
    const node = new ThreadNode();
    const { seat, portal } = node.offerSeat();
    const joined = joinThread(seat);
    portal.put("here");
    expect((await joined.portal.receive())?.text()).toBe("here");
    // A node that is no broker brings others into its network.
    const guest = joined.node.offerSeat();
    const third = joinThread(guest.seat);
    third.portal.put("there");
    expect((await guest.portal.receive())?.text()).toBe("there");
    for (const each of [portal, joined.portal, guest.portal, third.portal]) each.close();
    for (const each of [third.node, joined.node, node]) each.close();
  });

  it.each<[string, unknown]>([
    ["nothing", null],
    ["an empty object", {}],
    ["a seat without a port", { portals: 1, peer: "broker", seat: {} }],
    ["a seat of a stranger's role", { portals: 1, peer: "member", seat: {} }],
    ["a seat without a number of portals", { peer: "broker", seat: {} }],
  ])("is refused when it is %s", (_name, seat) => {
    expect(() => joinThread(seat)).toThrow(TypeError);
  });

  it("is neither offered nor taken by a closed node", () => {
    const [node, closed] = [new ThreadNode(), new ThreadNode({ broker: false })];
    closed.close();
    const { seat, portal } = node.offerSeat();
    expect(() => closed.offerSeat()).toThrow(/closed/);
    expect(() => closed.takeSeat(seat)).toThrow(/closed/);
    expect(closed.driver.liveObjects().transports).toBe(0);
    const joined = joinThread(seat);
    for (const each of [portal, joined.portal]) each.close();
    for (const each of [joined.node, node]) each.close();
  });

  it("for a guest is not taken by a broker", () => {
    const [sponsor, broker] = [new ThreadNode({ broker: false }), new ThreadNode()];
    const { seat, portal } = sponsor.offerSeat();
    expect(() => broker.takeSeat(seat)).toThrow(TypeError);
    expect(broker.driver.liveObjects().transports).toBe(0);
    portal.close();
    for (const each of [sponsor, broker]) each.close();
  });
});
