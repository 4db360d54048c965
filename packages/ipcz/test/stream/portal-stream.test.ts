import { Buffer } from "node:buffer";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { memDriver } from "@ipcz/driver-mem";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalNode, Node, type Portal, PortalStream } from "../../src/index.ts";
import { creditFrame, endFrame, firstCreditBytes, FrameKind } from "../../src/stream/frames.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedNodes, links, type Network } from "../support/networks.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

/** All of it; unlike `for await`, it leaves the other direction alone. */
function readAll(stream: PortalStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
    stream.once("end", () => resolve(Buffer.concat(chunks)));
    stream.once("error", reject);
  });
}

function failureOf(stream: PortalStream): Promise<unknown> {
  return new Promise((resolve) => stream.once("error", resolve));
}

/** Bytes that say where they are. */
function pattern(length: number, start = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (start + index) * 31));
}

describe.each(links)("a PortalStream over %s", (_name, makeLink) => {
  let network: Network;
  let near: PortalStream;
  let far: PortalStream;
  beforeEach(() => {
    network = connectedNodes(makeLink);
    near = new PortalStream(network.near);
    far = new PortalStream(network.far);
  });
  afterEach(() => {
    for (const stream of [near, far]) {
      stream.on("error", () => undefined);
      stream.destroy();
    }
    network.close();
  });

  it("carries text there and bytes back, and both ends close", async () => {
    const closed = Promise.all([once(near, "close"), once(far, "close")]);
    near.end("hello, world");
    expect((await readAll(far)).toString()).toBe("hello, world");
    far.end(pattern(10));
    expect(await readAll(near)).toEqual(pattern(10));
    await closed;
    expect([network.near.ended, network.far.ended]).toEqual(["closed", "closed"]);
  });

  it("carries writes of any size, in order", async () => {
    const sizes = fc.sample(fc.integer({ min: 1, max: 300_000 }), { numRuns: 30, seed: 7 });
    const read = readAll(far);
    let length = 0;
    for (const size of sizes) {
      if (!near.write(pattern(size, length))) await once(near, "drain");
      length += size;
    }
    near.end();
    expect((await read).equals(pattern(length))).toBe(true);
  });

  it("sends no more than the other end has room for", async () => {
    let accepted = 0;
    const chunk = Buffer.alloc(100_000);
    const pour = (): void => {
      near.write(chunk, () => {
        accepted += chunk.length;
        if (!near.destroyed) pour();
      });
    };
    near.on("error", () => undefined);
    pour();
    // A paused reader takes what its own buffer holds, and not more.
    far.read(0);
    let before = -1;
    while (accepted !== before) {
      before = accepted;
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(accepted).toBeGreaterThan(500_000);
    expect(accepted).toBeLessThan(1_600_000);
    far.on("data", () => undefined);
    while (accepted < 5_000_000) await new Promise((resolve) => setImmediate(resolve));
  });

  it("goes on in one direction when the other has ended", async () => {
    near.end();
    far.resume();
    await once(far, "end");
    far.write("still");
    far.end(" here");
    expect((await readAll(near)).toString()).toBe("still here");
  });

  it("fails at the other end with the reason", async () => {
    const failed = failureOf(far);
    near.on("error", () => undefined);
    near.destroy(new Error("the disk is full"));
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_ABORTED", message: "the disk is full" });
  });

  it("fails when the other end is destroyed before its end", async () => {
    const failed = failureOf(far);
    near.write("some");
    near.destroy();
    far.resume();
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_NOT_FOUND" });
  });

  it("can be read to its end when the other end has ended and gone", async () => {
    near.on("error", () => undefined);
    near.end("all of it", () => near.destroy());
    await once(near, "close");
    expect((await readAll(far)).toString()).toBe("all of it");
    far.end();
    await once(far, "close");
    expect(far.errored).toBeNull();
  });

  it("fails a write that nobody will ever have room for", async () => {
    near.end();
    far.resume();
    await once(far, "end");
    const failed = failureOf(far);
    far.write(Buffer.alloc(10_000_000));
    await new Promise((resolve) => setImmediate(resolve));
    near.destroy();
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_NOT_FOUND" });
  });

  it("is a part of pipelines", async () => {
    const bytes = pattern(400_000);
    const sent = pipeline([bytes], createGzip(), near);
    const received: Buffer[] = [];
    await pipeline(far, createGunzip(), async (source) => {
      for await (const chunk of source) received.push(chunk as Buffer);
    });
    far.end();
    await sent;
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
  });

  it("is destroyed by its signal", async () => {
    const [portal, peer] = network.broker.openPortals();
    const abort = new AbortController();
    const stream = new PortalStream(portal, { signal: abort.signal });
    const failed = failureOf(stream);
    abort.abort();
    expect(await failed).toMatchObject({ name: "AbortError" });
    expect(await peer.closed).toBe("peer-closed");
  });
});

describe("a PortalStream whose other end is none", () => {
  let node: LocalNode;
  let peer: Portal;
  let stream: PortalStream;
  beforeEach(() => {
    node = new LocalNode(memDriver());
    const [first, second] = node.openPortals();
    peer = first;
    stream = new PortalStream(second);
  });
  afterEach(() => {
    stream.destroy();
    peer.close();
    node.close();
  });

  const strange: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ["nothing", [new Uint8Array(0)]],
    ["an unknown frame", [new Uint8Array([9])]],
    ["no bytes", [new Uint8Array([FrameKind.data])]],
    ["half a credit", [new Uint8Array([FrameKind.credit, 1])]],
    ["a long end", [new Uint8Array([FrameKind.end, 1])]],
    ["two ends", [endFrame, endFrame]],
    ["bytes after the end", [endFrame, new Uint8Array([FrameKind.data, 1])]],
    ["more than it may", [new Uint8Array(1024 * 1024 + 2)]],
  ];

  it.each(strange)("fails at %s", async (_what, parcels) => {
    const failed = failureOf(stream);
    for (const parcel of parcels) peer.put(parcel);
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_INVALID_ARGUMENT" });
    expect(await peer.closed).toBe("peer-closed");
  });

  it("takes as much as it has allowed, to the byte", async () => {
    peer.put(new Uint8Array(1024 * 1024 + 1));
    const taken = new Promise<number>((resolve) => {
      let length = 0;
      stream.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length === 1024 * 1024) resolve(length);
      });
    });
    expect(await taken).toBe(1024 * 1024);
  });

  it("sends as much as it may, to the byte", async () => {
    stream.write(Buffer.alloc(firstCreditBytes + 1));
    let length = 0;
    const take = (): void => {
      for (let parcel = peer.get(); parcel; parcel = peer.get())
        if (parcel.bytes[0] === FrameKind.data) length += parcel.bytes.length - 1;
    };
    take();
    expect(length).toBe(firstCreditBytes);
    peer.put(creditFrame(1));
    await new Promise((resolve) => setImmediate(resolve));
    take();
    expect(length).toBe(firstCreditBytes + 1);
  });

  it("has a window of a sensible size", () => {
    const [first, second] = node.openPortals();
    expect(() => new PortalStream(first, { windowBytes: 1000 })).toThrow(RangeError);
    first.close();
    second.close();
  });
});

describe("a PortalStream to another process", () => {
  it(
    "carries bytes both ways, and fails when the process is killed",
    { timeout: 60_000 },
    async () => {
      const node = new Node({ driver: systemDriver() });
      const script = new URL("../fixtures/streams.mjs", import.meta.url);
      const child = await node.fork(script, [], { execArgv: [], portals: 2 });
      const [echoed, endless] = child.portals.map((portal) => new PortalStream(portal)) as [
        PortalStream,
        PortalStream,
      ];
      const bytes = pattern(2_000_000);
      const back = readAll(echoed);
      echoed.end(bytes);
      expect((await back).equals(bytes)).toBe(true);
      const failed = failureOf(endless);
      let taken = 0;
      endless.on("data", (chunk: Buffer) => {
        taken += chunk.length;
        if (taken > 3_000_000) child.process.kill("SIGKILL");
      });
      expect(await failed).toMatchObject({ code: "ERR_IPCZ_NOT_FOUND" });
      node.close();
    },
  );
});
