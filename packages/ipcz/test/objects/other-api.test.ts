/**
 * The same objects over a table that is not ours: our own, exported to C and imported again.
 */
import { exportAPI, importAPI } from "@ipcz/abi";
import { getAPI } from "@ipcz/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type IpczError, LocalNode, type Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

describe("over a table that was imported from C", () => {
  const exported = exportAPI(getAPI());
  const api = importAPI(exported.pointer);
  let node: LocalNode;
  let a: Portal;
  let b: Portal;
  beforeEach(() => {
    node = new LocalNode(systemDriver(), { api });
    [a, b] = node.openPortals();
  });
  afterEach(() => {
    for (const each of [a, b, node]) each.close();
  });

  it("parcels are put and got, with portals and boxes", async () => {
    const [c, d] = node.openPortals();
    const value = { only: "here" };
    a.put({ bytes: "hello", handles: [c, node.box(value)] });
    const parcel = await b.receive();
    expect(parcel?.text()).toBe("hello");
    const [portal] = parcel?.portals ?? [];
    const contents = parcel?.boxes[0]?.open();
    expect(contents?.type === "object" && contents.value).toBe(value);
    portal?.put("x");
    expect((await d.receive())?.text()).toBe("x");
    portal?.close();
    d.close();
  });

  it("whoever waits is woken, and told of the end", async () => {
    const received = b.receive();
    const closed = b.closed;
    a.put("soon");
    expect((await received)?.text()).toBe("soon");
    a.close();
    expect(await closed).toBe("peer-closed");
    expect(await b.receive()).toBeNull();
  });

  it("parcels are put and got in two phases", () => {
    const put = a.beginPut(3);
    put.bytes.set([1, 2, 3]);
    put.commit();
    using got = b.beginGet();
    expect([...(got?.bytes ?? [])]).toEqual([1, 2, 3]);
  });

  it("nothing is known of a backlog: there is always room", async () => {
    expect(a.put(new Uint8Array(4 * 1024 * 1024))).toBe(true);
    expect(a.backlog).toBe(0);
    expect(a.desiredSize).toBe(a.limits.highWaterMark);
    await Promise.all([a.ready, a.drained(), a.send("x")]);
  });

  it("mistakes are the same errors", () => {
    b.close();
    expect(() => a.put("x")).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_NOT_FOUND", result: 5 }) as IpczError,
    );
  });
});
