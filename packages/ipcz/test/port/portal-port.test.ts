/* oxlint-disable unicorn/prefer-add-event-listener -- both ways are tested */
import { writeFile } from "node:fs/promises";
import { openAsBlob } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BytesOut } from "../../src/clone/bytes-out.ts";
import {
  LocalNode,
  type Portal,
  PortalChannel,
  type PortalMessageEvent,
  PortalPort,
} from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { links, type Network } from "../support/networks.ts";
import { collect, next, usePorts } from "../support/ports.ts";

expectNothingLeftOver();

describe.each(links)("a PortalPort over %s", (_name, makeLink) => {
  let network: Network;
  let near: PortalPort;
  let far: PortalPort;
  usePorts(makeLink, (ports) => ({ network, near, far } = ports));

  it("keeps the order of messages while a Blob is read", async () => {
    const blob = new Blob([new Uint8Array(300_000).fill(1)], { type: "a/b" });
    near.postMessage("before");
    near.postMessage({ blob });
    const view = new Uint8Array([1, 2, 3]);
    near.postMessage(view);
    view.fill(9);
    near.postMessage("after");
    const values = await collect(far, 4);
    expect(values[0]).toBe("before");
    const received = (values[1] as { blob: Blob }).blob;
    expect([received.size, received.type]).toEqual([300_000, "a/b"]);
    expect([...(values[2] as Uint8Array)]).toEqual([1, 2, 3]);
    expect(values[3]).toBe("after");
  });

  it("sends what waits for a Blob before it closes", async () => {
    near.postMessage(new Blob(["last words"]));
    near.close();
    const seen: unknown[] = [];
    far.on("message", (value) => void seen.push(value));
    await next(far, "close");
    expect(seen).toHaveLength(1);
    expect(await (seen[0] as Blob).text()).toBe("last words");
  });

  it("says so when a Blob could not be read, and goes on", async () => {
    const path = join(tmpdir(), `ipcz-blob-${process.pid}`);
    await writeFile(path, "some content");
    const blob = await openAsBlob(path);
    await writeFile(path, "changed");
    const error = next(far, "messageerror");
    near.postMessage({ blob });
    near.postMessage("after");
    const values = collect(far, 1);
    expect(await error).toMatchObject({ message: expect.stringContaining("the sender") as string });
    expect(await values).toEqual(["after"]);
  });

  it("is sent on only when what it posted before has left", async () => {
    const channel = new PortalChannel(network.broker);
    channel.port2.postMessage(new Blob(["first"]));
    channel.port2.postMessage("second");
    near.postMessage(channel.port2, [channel.port2]);
    near.postMessage("behind it");
    const [port] = (await collect(far, 2)) as [PortalPort];
    port.postMessage("third");
    const values = await collect(channel.port1, 3);
    expect(await (values[0] as Blob).text()).toBe("first");
    expect(values.slice(1)).toEqual(["second", "third"]);
    port.close();
    channel.port1.close();
  });

  it("refuses its own other end, wherever that came from", () => {
    const channel = new PortalChannel(network.broker);
    const buffer = new ArrayBuffer(4);
    expect(() => channel.port1.postMessage(1, [buffer, channel.port2])).toThrow("the other end");
    expect(buffer.byteLength).toBe(4);
    channel.port1.close();
    channel.port2.close();
  });

  it("refuses a MessagePort of Node's, and says why", () => {
    const { port1 } = new MessageChannel();
    expect(() => near.postMessage(port1, [port1])).toThrow("a thread of this process");
    port1.close();
  });

  it("sends a view of a pooled Buffer as it is when the pool is transferred with it", async () => {
    const whole = new ArrayBuffer(100);
    const part = Buffer.from(whole, 10, 5).fill(7);
    near.postMessage(part, [whole]);
    const received = (await next(far)) as Uint8Array;
    expect([received.byteOffset, received.buffer.byteLength, received[0]]).toEqual([10, 100, 7]);
  });

  it("hands ports over with a message, not with an event that nobody gets", async () => {
    const channel = new PortalChannel(network.broker);
    const closed = next(channel.port1, "close");
    near.postMessage("and a port", [channel.port2]);
    const event = await new Promise<PortalMessageEvent<PortalPort>>((resolve) => {
      far.addEventListener("message", resolve, { once: true });
    });
    const [port] = event.ports;
    port?.close();
    await closed;
  });

  it("closes the other ends of what is transferred when nobody is there to get it", async () => {
    const gone = next(near, "close");
    far.close();
    await gone;
    const channel = new PortalChannel(network.broker);
    const closed = next(channel.port1, "close");
    near.postMessage(channel.port2, [channel.port2]);
    await closed;
  });
});

describe("a PortalPort whose peer is no port", () => {
  let node: LocalNode;
  let peer: Portal;
  let port: PortalPort;
  beforeEach(() => {
    node = new LocalNode(memDriver());
    const [first, second] = node.openPortals();
    peer = first;
    port = new PortalPort(second);
  });
  afterEach(() => {
    peer.close();
    port.close();
    node.close();
  });

  function bytes(...values: readonly number[]): Uint8Array {
    const out = new BytesOut();
    for (const value of values) out.varint(value);
    return Buffer.concat(out.chunks());
  }

  const undefinedTag = 1;
  const parcels: readonly (readonly [string, Uint8Array])[] = [
    ["nothing", bytes()],
    ["text", Buffer.from("hello")],
    ["another version", bytes(2, 1, 0, undefinedTag)],
    ["another kind", bytes(1, 2, 0, undefinedTag)],
    ["no value", bytes(1, 1, 0)],
    ["more than a value", bytes(1, 1, 0, undefinedTag, undefinedTag)],
    ["a port that did not come", bytes(1, 1, 1, 1, undefinedTag)],
    ["something unknown beside it", bytes(1, 1, 1, 77, undefinedTag)],
    ["a million ports", bytes(1, 1, 1_000_000, undefinedTag)],
  ];

  it.each(parcels)("answers %s with messageerror, and goes on", async (_what, parcel) => {
    const errors: unknown[] = [];
    port.on("messageerror", (error) => void errors.push(error));
    const event = new Promise<PortalMessageEvent<PortalPort>>((resolve) => {
      port.onmessageerror = resolve;
    });
    peer.put(parcel);
    peer.put(bytes(1, 1, 0, undefinedTag));
    expect(await next(port)).toBeUndefined();
    expect(errors).toEqual([expect.any(Error)]);
    expect((await event).data).toBe(errors[0]);
  });

  it("closes handles that nobody speaks of", async () => {
    const [mine, yours] = node.openPortals();
    peer.put({ bytes: bytes(1, 1, 0, undefinedTag), handles: [yours] });
    const error = next(port, "messageerror");
    port.start();
    await error;
    expect(await mine.closed).toBe("peer-closed");
  });

  it("closes a port that came with a value that is none", async () => {
    const [mine, yours] = node.openPortals();
    peer.put({ bytes: bytes(1, 1, 1, 1, 0xff), handles: [yours] });
    const error = next(port, "messageerror");
    port.start();
    await error;
    expect(await mine.closed).toBe("peer-closed");
  });

  it("takes a box for no port", async () => {
    let destroyed = false;
    const box = node.box({}, { destroy: () => (destroyed = true) });
    peer.put({ bytes: bytes(1, 1, 1, 1, undefinedTag), handles: [box] });
    const error = next(port, "messageerror");
    port.start();
    await error;
    expect(destroyed).toBe(true);
  });

  it("skips what is no message when asked for one", async () => {
    const error = next(port, "messageerror");
    peer.put("no message");
    peer.put(bytes(1, 1, 0, undefinedTag));
    expect(port.receiveMessage()).toEqual({ message: undefined });
    await error;
  });

  it("says that it is closed when its last message was taken by hand", async () => {
    peer.put(bytes(1, 1, 0, undefinedTag));
    peer.close();
    const closed = next(port, "close");
    expect(port.receiveMessage()).toEqual({ message: undefined });
    expect(port.receiveMessage()).toBeUndefined();
    await closed;
    expect(port.handle).toBeNull();
  });
});
