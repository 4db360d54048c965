import { once } from "node:events";
import { memDriver, memWorld } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type IpczError, LocalNode, type Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedNodes, links, type Network } from "../support/networks.ts";
import { connectedTransports, systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

describe("back-pressure towards a node that is not there yet", () => {
  let node: LocalNode;
  let other: LocalNode;
  let portal: Portal;
  let join: () => Portal;
  beforeEach(() => {
    const world = memWorld();
    const [first, second] = [world.driver("first"), world.driver("second")];
    const [near, far] = world.connect(first, second);
    node = new LocalNode(first, { limits: { highWaterMark: 1000 } });
    other = new LocalNode(second, { broker: false });
    [portal] = node.connectTransport(near) as [Portal];
    join = () => other.connectTransport(far)[0] as Portal;
  });
  afterEach(() => {
    for (const each of [portal, node, other]) each.close();
  });

  it("is told by put and desiredSize, and ends when everything has left", async () => {
    expect(portal.desiredSize).toBe(1000);
    expect(portal.put(new Uint8Array(600))).toBe(true);
    expect(portal.desiredSize).toBe(400);
    expect(portal.put(new Uint8Array(600))).toBe(false);
    expect(portal.backlog).toBe(1200);
    expect(portal.desiredSize).toBe(-200);
    let ready = false;
    const waiting = portal.ready.then(() => (ready = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ready).toBe(false);
    const peer = join();
    await waiting;
    await portal.drained();
    expect(portal.backlog).toBe(0);
    expect(portal.desiredSize).toBe(1000);
    for (const _ of [1, 2]) expect((await peer.receive())?.bytes).toHaveLength(600);
    peer.close();
    await portal.closed;
    expect(portal.desiredSize).toBeNull();
  });

  it("keeps the order of those who wait and those who come when there is room", async () => {
    portal.put(new Uint8Array(2000));
    const late = portal.ready.then(() => portal.send("third"));
    const controller = new AbortController();
    const first = portal.send("first");
    const given = portal.send("never", { signal: controller.signal });
    const second = portal.send("second");
    controller.abort();
    await expect(given).rejects.toThrow(/abort/);
    const peer = join();
    await Promise.all([first, second, late]);
    await peer.receive();
    const texts = [await peer.receive(), await peer.receive(), await peer.receive()];
    expect(texts.map((parcel) => parcel?.text())).toEqual(["first", "second", "third"]);
    peer.close();
  });

  it("is told by an event to those who have filled it up", async () => {
    let events = 0;
    portal.on("writable", () => events++);
    expect(portal.put(new Uint8Array(2000))).toBe(false);
    expect(portal.put(new Uint8Array(2000))).toBe(false);
    const peer = join();
    await once(portal as never, "writable");
    expect(events).toBe(1);
    peer.close();
  });

  it("is told by an event to those who ask only when they have filled it up", async () => {
    expect(portal.put(new Uint8Array(2000))).toBe(false);
    const early = once(portal as never, "writable");
    const peer = join();
    await early;
    // Nothing has filled up since.
    let events = 0;
    portal.on("writable", () => events++);
    expect(portal.put("little")).toBe(true);
    await portal.drained();
    expect(events).toBe(0);
    peer.close();
  });

  it("makes send wait, until there is room or a signal says otherwise", async () => {
    portal.put(new Uint8Array(2000));
    const controller = new AbortController();
    const aborted = portal.send("never", { signal: controller.signal });
    const sent = portal.send("later");
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    const peer = join();
    await sent;
    expect((await peer.receive())?.bytes).toHaveLength(2000);
    expect((await peer.receive())?.text()).toBe("later");
    peer.close();
  });

  it("fails who waits to send when the portal ends", async () => {
    portal.put(new Uint8Array(2000));
    const sent = portal.send("never");
    const drained = portal.drained();
    portal.close();
    await expect(sent).rejects.toMatchObject({ code: "ERR_IPCZ_CLOSED" });
    await drained;
    await portal.ready;
  });

  it("is an error where the limit is hard, and nothing is put", async () => {
    portal.setLimits({ backlogBytesMax: 100 });
    expect(portal.limits).toEqual({
      highWaterMark: 1000,
      backlogBytesMax: 100,
      unreadBytesMax: Infinity,
    });
    portal.put(new Uint8Array(99));
    portal.put("one more");
    const [a, b] = node.openPortals();
    expect(() => portal.put({ bytes: "x", handles: [a] })).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_BACKLOG" }) as IpczError,
    );
    expect(a.ended).toBeNull();
    const peer = join();
    expect((await peer.receive())?.bytes).toHaveLength(99);
    expect((await peer.receive())?.text()).toBe("one more");
    for (const each of [a, b, peer]) each.close();
  });
});

describe.each(links)("unread parcels over %s", (_name, makeLink) => {
  let network: Network;
  beforeEach(() => {
    network = connectedNodes(makeLink);
  });
  afterEach(() => network.close());

  it("close a portal when there are more than it allows", async () => {
    const { near, far } = network;
    far.setLimits({ unreadBytesMax: 1000 });
    near.put(new Uint8Array(1000));
    expect((await far.receive())?.bytes).toHaveLength(1000);
    near.put(new Uint8Array(1000));
    near.put("!");
    expect(await far.closed).toBe("overflow");
    expect(far.ended).toBe("overflow");
    expect(await far.receive()).toBeNull();
    expect(await near.closed).toBe("peer-closed");
  });
});

describe("limits", () => {
  it("are numbers of bytes", () => {
    const node = new LocalNode(memDriver());
    const [a, b] = node.openPortals();
    for (const wrong of [-1, Number.NaN, "many"])
      expect(() => a.setLimits({ highWaterMark: wrong as number })).toThrow(RangeError);
    expect(() => new LocalNode(memDriver(), { limits: { unreadBytesMax: -1 } })).toThrow(
      RangeError,
    );
    for (const each of [a, b, node]) each.close();
  });

  it("count what waits in a socket that nobody reads", async () => {
    const driver = systemDriver();
    const [first, second] = connectedTransports(driver, driver);
    const broker = new LocalNode(driver);
    const member = new LocalNode(driver, { broker: false });
    const [portal] = broker.connectTransport(first) as [Portal];
    const [peer] = member.connectTransport(second) as [Portal];
    peer.put("joined");
    await portal.receive();
    // More than the kernel's buffers take, in this turn, in which nobody reads.
    let count = 0;
    while (portal.put(new Uint8Array(2 ** 20)) && count < 64) count++;
    expect(count).toBeLessThan(64);
    expect(portal.desiredSize).toBeLessThanOrEqual(0);
    await portal.ready;
    expect(portal.desiredSize).toBeGreaterThan(0);
    for (const each of [portal, peer, broker, member]) each.close();
  });
});
