import type { IpczDriverHandle } from "@ipcz/api";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Box, type IpczError, LocalNode, type Parcel, type Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { useLocalPair } from "../support/local-pair.ts";
import { connectedNodes, links, type Network } from "../support/networks.ts";
import { connectedTransports, systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

function code(wanted: IpczError["code"]): IpczError {
  return expect.objectContaining({ code: wanted }) as IpczError;
}

function only(parcel: Parcel | null): Box {
  const [box] = parcel?.boxes ?? [];
  if (!box || parcel?.handles.length !== 1) throw new Error("expected one box");
  return box;
}

/** Opens a box that must hold a parcel. */
function opened(box: Box): Parcel {
  const contents = box.open();
  if (contents.type !== "parcel") throw new Error(`a ${contents.type} is in the box`);
  return contents.parcel;
}

describe("a box within a process", () => {
  let node: LocalNode;
  let a: Portal;
  let b: Portal;
  useLocalPair((pair) => ({ node, a, b } = pair));

  it("carries the value itself, which is not destroyed when it is taken out", () => {
    const value = { of: "the program" };
    let destroyed = 0;
    a.put({ handles: [node.box(value, { destroy: () => destroyed++ })] });
    const box = only(b.get());
    expect(box.type).toBe("object");
    const contents = box.open();
    expect(contents.type === "object" && contents.value).toBe(value);
    expect(() => box.open()).toThrow(code("ERR_IPCZ_DETACHED"));
    box.close();
    expect(destroyed).toBe(0);
  });

  it("destroys its value once when it is closed, wherever it is", () => {
    const destroyed: string[] = [];
    const boxed = (name: string): Box =>
      node.box(name, { destroy: (value) => destroyed.push(value) });
    const here = boxed("here");
    here.close();
    here.close();
    a.put({ handles: [boxed("unread")] });
    a.put({ handles: [boxed("unseen")] });
    b.get()?.close();
    const parcel = b.get();
    parcel?.close();
    expect(destroyed).toEqual(["here", "unread", "unseen"]);
    expect(() => here.handle).toThrow(code("ERR_IPCZ_CLOSED"));
  });

  it("refuses a driver object that is none", () => {
    expect(() => node.boxDriverObject(0 as IpczDriverHandle)).toThrow(
      code("ERR_IPCZ_INVALID_ARGUMENT"),
    );
  });
});

describe.each(links)("a box between nodes over %s", (_name, makeLink) => {
  let network: Network;
  beforeEach(async () => {
    network = connectedNodes(makeLink);
    // The link must be there: what is put before is not serialized.
    network.far.put("ready");
    await network.near.receive();
  });
  afterEach(() => network.close());

  it("arrives as the parcel that its value was turned into, with portals", async () => {
    const { broker, near, far } = network;
    const [mine, yours] = broker.openPortals();
    const destroyed: number[] = [];
    const box = broker.box(41, {
      serialize: (value) => ({ bytes: `it is ${value + 1}`, handles: [yours] }),
      destroy: (value) => destroyed.push(value),
    });
    near.put({ bytes: "boxed", handles: [box] });
    const arrived = only(await far.receive());
    expect(arrived.type).toBe("parcel");
    const parcel = opened(arrived);
    expect(parcel.text()).toBe("it is 42");
    expect(yours.ended).toBe("detached");
    expect(destroyed).toEqual([41]);
    const [portal] = parcel.portals;
    portal?.put("hello");
    expect((await mine.receive())?.text()).toBe("hello");
    portal?.close();
    mine.close();
  });

  it("turns into an empty parcel when its value does", async () => {
    const { broker, near, far } = network;
    near.put({ handles: [broker.box("nothing", { serialize: () => ({}) })] });
    expect(opened(only(await far.receive())).bytes).toHaveLength(0);
  });

  it("carries memory of the driver", async () => {
    const { broker, member, near, far } = network;
    const memory = { value: 0 as IpczDriverHandle };
    broker.driver.AllocateSharedMemory(4096, 0, null, memory);
    near.put({ handles: [broker.boxDriverObject(memory.value)] });
    const contents = only(await far.receive()).open();
    if (contents.type !== "driver-object") throw new Error("no driver object arrived");
    const info = { size: 16, regionNumBytes: 0 };
    member.driver.GetSharedMemoryInfo(contents.object, 0, null, info);
    expect(info.regionNumBytes).toBeGreaterThanOrEqual(4096);
    member.driver.Close(contents.object, 0, null);
  });

  it("that nobody looks at is closed with its parcel", async () => {
    const { broker, near, far } = network;
    const [mine, yours] = broker.openPortals();
    near.put({ handles: [yours] });
    const parcel = await far.receive();
    parcel?.[Symbol.dispose]();
    expect(parcel?.handles).toEqual([]);
    expect(await mine.closed).toBe("peer-closed");
    mine.close();
  });

  it("passes a parcel on as it came", async () => {
    const { broker, near, far } = network;
    const [mine, yours] = broker.openPortals();
    near.put({ bytes: "to and fro", handles: [yours] });
    const parcel = await far.receive();
    if (parcel) far.put(parcel);
    const back = await near.receive();
    expect(back?.text()).toBe("to and fro");
    back?.portals[0]?.put("x");
    expect((await mine.receive())?.text()).toBe("x");
    back?.portals[0]?.close();
    mine.close();
  });
});

describe("rejecting a parcel", () => {
  it("tells the driver of the node that got it", async () => {
    const told: unknown[] = [];
    const driver = systemDriver({
      onBadTransportActivity: (_transport, context) => told.push(context),
    });
    const other = systemDriver();
    const [first, second] = connectedTransports(driver, other);
    const node = new LocalNode(driver);
    const sender = new LocalNode(other, { broker: false });
    const [portal] = node.connectTransport(first);
    const [peer] = sender.connectTransport(second);
    peer?.put("bad");
    peer?.put("also bad");
    const parcel = await portal?.receive({ rejectable: true });
    parcel?.reject("because");
    expect(told).toEqual(["because"]);
    parcel?.close();
    expect(() => parcel?.reject()).toThrow(code("ERR_IPCZ_CLOSED"));
    const plain = await portal?.receive();
    expect(() => plain?.reject()).toThrow(code("ERR_IPCZ_CLOSED"));
    for (const each of [portal, peer, node, sender]) each?.close();
  });

  it("is refused for one that came from the same node", () => {
    const node = new LocalNode(memDriver());
    const [a, b] = node.openPortals();
    a.put("x");
    const parcel = b.get({ rejectable: true });
    expect(() => parcel?.reject()).toThrow(code("ERR_IPCZ_FAILED_PRECONDITION"));
    for (const each of [parcel, a, b, node]) each?.close();
  });
});
