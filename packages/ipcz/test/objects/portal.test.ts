import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LocalNode } from "../../src/index.ts";
import { IpczError, type Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { useLocalPair } from "../support/local-pair.ts";
import { connectedNodes, links, type Network } from "../support/networks.ts";

expectNothingLeftOver();

describe.each(links)("portals of two nodes over %s", (_name, makeLink) => {
  let network: Network;
  beforeEach(() => {
    network = connectedNodes(makeLink);
  });
  afterEach(() => network.close());

  it("bring what was put, in order", async () => {
    const { near, far } = network;
    for (const text of ["one", "two", "three"]) near.put(text);
    for (const text of ["one", "two", "three"]) expect((await far.receive())?.text()).toBe(text);
    expect(far.get()).toBeNull();
  });

  it("bring empty parcels and parcels of a megabyte", async () => {
    const { near, far } = network;
    const big = new Uint8Array(1024 * 1024).map((_, index) => index * 7);
    near.put({});
    near.put(big);
    expect((await far.receive())?.bytes).toHaveLength(0);
    const { bytes } = (await far.receive()) ?? { bytes: new Uint8Array(0) };
    expect(Buffer.compare(bytes, big)).toBe(0);
  });

  it("serve those who wait in the order in which they came", async () => {
    const { near, far } = network;
    const waiting = Promise.all([far.receive(), far.receive(), far.receive()]);
    for (const text of ["a", "b", "c"]) near.put(text);
    expect((await waiting).map((parcel) => parcel?.text())).toEqual(["a", "b", "c"]);
  });

  it("can be iterated until the peer closes", async () => {
    const { near, far } = network;
    near.put("first");
    near.put("last");
    near.close();
    const seen: string[] = [];
    for await (const parcel of far) seen.push(parcel.text());
    expect(seen).toEqual(["first", "last"]);
    expect(await far.receive()).toBeNull();
    expect(far.status).toEqual({ peerClosed: true, dead: true, parcels: 0, bytes: 0 });
  });

  it("travel, and work where they arrive", async () => {
    const { near, far, member, broker } = network;
    const [stays, goes] = broker.openPortals();
    near.put({ bytes: "for you", handles: [goes] });
    expect(goes.ended).toBe("detached");
    const parcel = await far.receive();
    const [arrived] = parcel?.portals ?? [];
    if (!arrived) throw new Error("no portal arrived");
    stays.put("through");
    arrived.put("and back");
    expect((await arrived.receive())?.text()).toBe("through");
    expect((await stays.receive())?.text()).toBe("and back");
    expect(member.closed).toBe(false);
    arrived.close();
    expect(await stays.closed).toBe("peer-closed");
    stays.close();
  });

  it("tell of the peer's end by promise and by event, however late somebody asks", async () => {
    const { near, far } = network;
    const event = once(far as never, "closed");
    near.close();
    expect(await far.closed).toBe("peer-closed");
    expect(await event).toEqual(["peer-closed"]);
    const late = once(far as never, "closed");
    expect(await late).toEqual(["peer-closed"]);
    expect(far.ended).toBeNull();
  });

  it("tell that there is something to read, and again when there is more", async () => {
    const { near, far } = network;
    let events = 0;
    far.on("readable", () => events++);
    near.put("one");
    await once(far as never, "readable");
    expect(events).toBe(1);
    near.put("two");
    await once(far as never, "readable");
    // Nothing was read in between.
    expect(far.get()?.text()).toBe("one");
    expect((await far.receive())?.text()).toBe("two");
  });

  it("lose their peer with its node", async () => {
    const { far, broker, near } = network;
    near.put("before the end");
    expect((await far.receive())?.text()).toBe("before the end");
    broker.close();
    expect(await far.closed).toBe("peer-closed");
    expect(await near.closed).toBe("peer-closed");
    expect(() => near.put("into the void")).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_NOT_FOUND" }) as IpczError,
    );
  });
});

describe("a portal", () => {
  let node: LocalNode;
  let a: Portal;
  let b: Portal;
  useLocalPair((pair) => ({ node, a, b } = pair));

  it("takes bytes in every form", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    for (const form of [
      bytes,
      bytes.buffer,
      new DataView(bytes.buffer, 1, 2),
      Uint16Array.of(513),
      new Uint8Array(new SharedArrayBuffer(2)),
      new SharedArrayBuffer(1),
      "é",
      { bytes: "x" },
      {},
    ])
      a.put(form);
    const lengths: number[][] = [];
    for (let parcel = b.get(); parcel; parcel = b.get()) lengths.push([...parcel.bytes]);
    expect(lengths).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [2, 3],
      [1, 2],
      [0, 0],
      [0],
      [195, 169],
      [120],
      [],
    ]);
  });

  it("refuses what is no parcel, and puts nothing", () => {
    for (const wrong of [null, 7, { bytes: 7 }, { handles: [{}] }, { handles: [node] }])
      expect(() => a.put(wrong as never)).toThrow(TypeError);
    expect(b.get()).toBeNull();
  });

  it("keeps what cannot be attached usable", () => {
    const [c, d] = node.openPortals();
    expect(() => a.put({ handles: [c, a] })).toThrow(IpczError);
    expect(() => a.put({ handles: [c, c] })).toThrow(IpczError);
    expect(() => a.put({ handles: [c, b] })).toThrow(IpczError);
    b.close();
    expect(() => a.put({ handles: [c] })).toThrow(IpczError);
    c.put("still here");
    expect(d.get()?.text()).toBe("still here");
    c.close();
    d.close();
  });

  it("says why it can do nothing any more", () => {
    const [c, d] = node.openPortals();
    a.put({ handles: [c] });
    expect(() => c.put("x")).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_DETACHED" }) as IpczError,
    );
    expect(() => a.put({ handles: [c] })).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_DETACHED" }) as IpczError,
    );
    d.close();
    expect(() => d.get()).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_CLOSED" }) as IpczError,
    );
    expect(() => d.handle).toThrow(IpczError);
    d.close();
  });

  it("ends what waits for it when it is closed or sent", async () => {
    const [c, d] = node.openPortals();
    const waiting = [c.receive(), d.receive()];
    const ends = [c.closed, d.closed];
    a.put({ handles: [c] });
    d.close();
    expect(await Promise.all(waiting)).toEqual([null, null]);
    expect(await Promise.all(ends)).toEqual(["detached", "closed"]);
    expect(await c.receive()).toBeNull();
    expect(await c.closed).toBe("detached");
  });

  it("stops waiting when a signal says so, and loses no parcel by it", async () => {
    const controller = new AbortController();
    const aborted = b.receive({ signal: controller.signal });
    const other = b.receive();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    a.put("for the other");
    expect((await other)?.text()).toBe("for the other");
    await expect(b.receive({ signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    const reason = new Error("enough");
    await expect(b.receive({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("leaves a rejection alone that nobody looks at", async () => {
    const seen: unknown[] = [];
    const watch = (error: unknown): unknown => seen.push(error);
    process.on("unhandledRejection", watch);
    const controller = new AbortController();
    void b.receive({ signal: controller.signal });
    void b.send("x", { signal: AbortSignal.abort() });
    void b.receive({ signal: AbortSignal.abort() });
    void b.closed;
    controller.abort();
    b.close();
    void b.receive();
    void b.send("x");
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", watch);
    expect(seen).toEqual([]);
  });

  it("gives waiting promises to no listener that has left", async () => {
    let count = 0;
    const listener = (): void => void count++;
    b.on("readable", listener);
    a.put("1");
    await Promise.resolve();
    b.off("readable", listener);
    a.put("2");
    await Promise.resolve();
    expect(count).toBe(1);
    expect(b.listenerCount("readable")).toBe(0);
  });

  it("merges two routes into one", () => {
    const [c, d] = node.openPortals();
    a.put("before");
    b.merge(c);
    expect([b.ended, c.ended]).toEqual(["detached", "detached"]);
    expect(d.get()?.text()).toBe("before");
    d.put("after");
    expect(a.get()?.text()).toBe("after");
    expect(() => a.merge(d)).toThrow(IpczError);
    expect([a.ended, d.ended]).toEqual([null, null]);
    d.close();
  });

  it("gives away its handle, which a node can adopt", () => {
    const handle = b.release();
    expect(b.ended).toBe("detached");
    const again = node.adopt(handle) as Portal;
    a.put("x");
    expect(again.get()?.text()).toBe("x");
    again.close();
  });

  it("works with disposal", () => {
    const [c, d] = node.openPortals();
    c[Symbol.dispose]();
    expect(c.ended).toBe("closed");
    expect(d.status.peerClosed).toBe(true);
    d[Symbol.dispose]();
  });
});
