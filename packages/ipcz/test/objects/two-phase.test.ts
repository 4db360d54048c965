import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IpczError, type Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { useLocalPair } from "../support/local-pair.ts";
import { connectedNodes, links, type Network } from "../support/networks.ts";

expectNothingLeftOver();

describe.each(links)("two-phase puts and gets over %s", (_name, makeLink) => {
  let network: Network;
  beforeEach(() => {
    network = connectedNodes(makeLink);
  });
  afterEach(() => network.close());

  it("carry bytes written and read in place, and handles", async () => {
    const { near, far, broker } = network;
    const [mine, yours] = broker.openPortals();
    const put = near.beginPut(1000);
    expect(put.bytes).toHaveLength(1000);
    put.bytes.fill(7);
    put.commit(500, [yours]);
    expect(() => put.bytes).toThrow(IpczError);
    while (far.status.parcels === 0) await new Promise((resolve) => setImmediate(resolve));
    const got = far.beginGet();
    expect(got?.bytes).toHaveLength(500);
    expect(got?.bytes.every((byte) => byte === 7)).toBe(true);
    const [portal] = got?.handles ?? [];
    got?.commit();
    expect(() => got?.bytes).toThrow(IpczError);
    expect(far.get()).toBeNull();
    portal?.close();
    mine.close();
  });
});

describe("a two-phase put or get", () => {
  let a: Portal;
  let b: Portal;
  useLocalPair((pair) => ({ a, b } = pair));

  it("puts nothing when it is aborted or disposed of", () => {
    a.beginPut(10).abort();
    a.beginPut(10)[Symbol.dispose]();
    expect(b.get()).toBeNull();
  });

  it("takes its place in the sequence when it is committed", () => {
    const first = a.beginPut(1);
    const second = a.beginPut(1);
    second.bytes[0] = 2;
    first.bytes[0] = 1;
    second.commit();
    first.commit();
    expect([b.get()?.bytes[0], b.get()?.bytes[0]]).toEqual([2, 1]);
  });

  it("stays pending after a mistake", () => {
    const put = a.beginPut(4);
    expect(() => put.commit(5)).toThrow(RangeError);
    expect(() => put.commit(-1)).toThrow(RangeError);
    expect(() => put.commit(4, [a])).toThrow(IpczError);
    put.bytes.fill(9);
    put.commit(2);
    expect([...(b.get()?.bytes ?? [])]).toEqual([9, 9]);
  });

  it("ends with its portal", () => {
    const put = a.beginPut(4);
    a.put("x");
    const got = b.beginGet();
    a.close();
    b.close();
    expect(() => put.bytes).toThrow(IpczError);
    put.abort();
    got?.commit();
    expect(() => got?.bytes).toThrow(IpczError);
  });

  it("leaves an aborted get where it was, and holds up those who wait", async () => {
    a.put("one");
    const got = b.beginGet();
    expect(() => b.get()).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_ALREADY_EXISTS" }) as IpczError,
    );
    expect(() => b.beginGet()).toThrow(IpczError);
    const waiting = b.receive();
    got?.abort();
    expect((await waiting)?.text()).toBe("one");
  });

  it("may be pending any number of times when it is overlapped", () => {
    a.put("one");
    a.put("two");
    const [one, two] = [b.beginGet({ overlapped: true }), b.beginGet({ overlapped: true })];
    const decoder = new TextDecoder();
    expect([one, two].map((got) => decoder.decode(got?.bytes))).toEqual(["one", "two"]);
    two?.commit();
    one?.abort();
    expect(b.beginGet()).toBeNull();
  });

  it("tells of a peer that is gone", () => {
    const put = a.beginPut(4);
    b.close();
    expect(() => put.commit()).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_NOT_FOUND" }) as IpczError,
    );
    expect(() => a.beginPut(4)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_NOT_FOUND" }) as IpczError,
    );
  });
});
