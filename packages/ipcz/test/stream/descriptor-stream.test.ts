import { Buffer } from "node:buffer";
import { once } from "node:events";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memDriver } from "@ipcz/driver-mem";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import {
  DescriptorStream,
  Node,
  type Portal,
  PortalStream,
  type Puttable,
  type ReceivedFile,
} from "../../src/index.ts";
import {
  descriptorCreditFrame,
  descriptorsFrame,
  endFrame,
  firstCreditDescriptors,
  FrameKind,
} from "../../src/stream/frames.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedNodes, type Network, systemLink } from "../support/networks.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const fileCount = 6;
let folder = "";
/** Open files; what is in each is its place here. */
let fds: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ipcz-"));
  fds = Array.from({ length: fileCount }, (_, number) => {
    const fd = openSync(join(folder, String(number)), "w+");
    writeSync(fd, String(number));
    return fd;
  });
});

afterEach(() => {
  for (const fd of fds) closeSync(fd);
  rmSync(folder, { recursive: true });
});

const mayRefuse = runsHere(!isWindows, "drivers that do not send files: on Windows they always do");

/** Which file it is; closes it. */
function numberOf(file: ReceivedFile): number {
  using owned = file;
  const byte = Buffer.alloc(1);
  readSync(owned.fd, byte, 0, 1, 0);
  return Number(byte.toString());
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function failureOf(stream: PortalStream): Promise<unknown> {
  return new Promise((resolve) => stream.once("error", resolve));
}

/** What the other end wrote: bytes, and at which of them which files were. */
async function readAll(stream: DescriptorStream): Promise<{ text: string; files: string[] }> {
  const files: string[] = [];
  let text = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    for (let came = stream.takeDescriptors(); came; came = stream.takeDescriptors())
      files.push(`${came.position}:${came.files.map(numberOf).join("")}`);
  }
  return { text, files };
}

describe("a DescriptorStream between two nodes", () => {
  let network: Network;
  let near: DescriptorStream;
  let far: DescriptorStream;
  beforeEach(() => {
    network = connectedNodes(() => systemLink({ descriptors: true }));
    near = new DescriptorStream(network.near);
    far = new DescriptorStream(network.far);
  });
  afterEach(() => {
    for (const stream of [near, far]) {
      stream.on("error", () => undefined);
      stream.destroy();
    }
    network.close();
  });

  it("brings descriptors to the byte they were written with", async () => {
    near.write("none, ");
    near.writeDescriptors("two, ", [fds[4]!, fds[2]!]);
    const handle = await open(join(folder, "5"));
    near.writeDescriptors(Buffer.from("one"), [handle]);
    await handle.close();
    near.end();
    expect(await readAll(far)).toEqual({ text: "none, two, one", files: ["6:42", "11:5"] });
    // The originals are still there.
    for (const fd of fds) expect(fstatSync(fd).size).toBe(1);
  });

  it("gives a listener what belongs to its chunk", async () => {
    const seen: unknown[] = [];
    far.on("data", (chunk: Buffer) => {
      const files = far.takeDescriptors()?.files ?? [];
      seen.push([chunk.toString(), files.map(numberOf)]);
    });
    for (const [index, fd] of fds.entries()) near.writeDescriptors(`to ${index}`, [fd]);
    near.end();
    await once(far, "end");
    expect(seen).toEqual(fds.map((_, index) => [`to ${index}`, [index]]));
  });

  it("keeps order and places, whatever is written", async () => {
    const writes = fc.array(
      fc.record({
        size: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200_000 })),
        files: fc.array(fc.nat(fileCount - 1), { maxLength: 4 }),
      }),
      { minLength: 40, maxLength: 60 },
    );
    const [sample = []] = fc.sample(writes, { numRuns: 1, seed: 11 });
    const expected: string[] = [];
    let length = 0;
    const read = readAll(far);
    for (const { size, files } of sample) {
      if (files.length > 0) expected.push(`${length}:${files.join("")}`);
      const chosen = files.map((index) => fds[index]!);
      if (!near.writeDescriptors("x".repeat(size), chosen)) await once(near, "drain");
      length += size;
    }
    near.end();
    const { text, files } = await read;
    expect(text.length).toBe(length);
    expect(files).toEqual(expected);
  });

  it("does not give what belongs to bytes that are still to be read", async () => {
    far.resume();
    near.write("first");
    await once(far, "data");
    far.pause();
    expect(far.readableDescriptors).toBe(0);
    // More than the reader's own buffer takes, so that the rest waits outside it.
    near.write(Buffer.alloc(500_000));
    near.writeDescriptors("last", [fds[0]!]);
    while (network.far.status.parcels > 0 || far.readableLength < 60_000) await turn();
    expect(far.takeDescriptors()).toBeNull();
    near.end();
    expect((await readAll(far)).files).toEqual(["500005:0"]);
  });

  it("sends no more descriptors than the other end has room for", async () => {
    let accepted = 0;
    const count = 100;
    for (let index = 0; index < count; index++)
      near.writeDescriptors("x", [fds[0]!], () => accepted++);
    far.resume();
    let before = -1;
    while (accepted !== before) {
      before = accepted;
      for (let turns = 0; turns < 50; turns++) await turn();
    }
    expect(far.readableDescriptors).toBe(64);
    expect(accepted).toBeLessThanOrEqual(64);
    for (let taken = 0; taken < count;) {
      const came = far.takeDescriptors();
      if (came) taken += came.files.map(numberOf).length;
      else await turn();
    }
    while (accepted < count) await turn();
  });

  it("takes the most that one write can have, again and again", async () => {
    const most = Array.from({ length: firstCreditDescriptors }, () => fds[3]!);
    const read = readAll(far);
    for (let times = 0; times < 10; times++)
      if (!near.writeDescriptors("x", most)) await once(near, "drain");
    near.end();
    const { files } = await read;
    expect(files).toEqual(Array.from({ length: 10 }, (_, at) => `${at}:${"3".repeat(16)}`));
  });

  it("closes what was not taken, and what had not left", async () => {
    for (let times = 0; times < 100; times++) near.writeDescriptors("x", [fds[1]!]);
    far.resume();
    while (far.readableDescriptors < 64) await turn();
    far.destroy();
    expect([far.takeDescriptors(), far.readableDescriptors]).toEqual([null, 0]);
    expect(await failureOf(near)).toMatchObject({ code: "ERR_IPCZ_NOT_FOUND" });
  });

  it("closes what nobody took by the end", async () => {
    near.writeDescriptors("x", [fds[1]!]);
    near.end();
    far.end();
    far.resume();
    await Promise.all([once(near.resume(), "close"), once(far, "close")]);
    expect(far.errored).toBeNull();
  });

  it("fails a write after the end as any stream does, and keeps no copy", async () => {
    near.end();
    const failed = failureOf(near);
    near.writeDescriptors("late", [fds[0]!]);
    expect(await failed).toMatchObject({ code: "ERR_STREAM_WRITE_AFTER_END" });
    const gone = await new Promise((resolve) => near.writeDescriptors("later", [fds[0]!], resolve));
    expect(gone).toBeInstanceOf(Error);
  });

  it("refuses what it cannot send, and goes on", async () => {
    const many = Array.from({ length: firstCreditDescriptors + 1 }, () => fds[0]!);
    expect(() => near.writeDescriptors("x", many)).toThrow(RangeError);
    expect(() => near.writeDescriptors("", [fds[0]!])).toThrow(RangeError);
    expect(() => near.writeDescriptors("x", [fds[0]!, 1_000_000])).toThrow("EBADF");
    expect(() => new DescriptorStream(network.near, { windowDescriptors: 15 })).toThrow(RangeError);
    near.end("fine");
    expect(await readAll(far)).toEqual({ text: "fine", files: [] });
  });
});

describe("a DescriptorStream over drivers that send no descriptors", () => {
  it("carries bytes, and refuses to write others", async () => {
    const node = new Node({ driver: memDriver() });
    const [near, far] = node.openPortals().map((portal) => new DescriptorStream(portal)) as [
      DescriptorStream,
      DescriptorStream,
    ];
    expect(() => near.writeDescriptors("x", [fds[0]!])).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_UNSUPPORTED" }) as Error,
    );
    near.end("bytes");
    far.end();
    expect(await readAll(far)).toEqual({ text: "bytes", files: [] });
    near.resume();
    await once(near, "close");
    node.close();
  });

  it.runIf(mayRefuse)("fails when the driver was not told to send any", async () => {
    const network = connectedNodes(() => systemLink());
    const near = new DescriptorStream(network.near);
    near.writeDescriptors("x", [fds[0]!]);
    expect(await failureOf(near)).toMatchObject({ code: "ERR_IPCZ_INVALID_ARGUMENT" });
    network.close();
  });
});

describe("a DescriptorStream whose other end is none", () => {
  let node: Node;
  let peer: Portal;
  let portal: Portal;
  beforeEach(() => {
    node = new Node({ driver: systemDriver({ descriptors: true }) });
    [peer, portal] = node.openPortals();
  });
  afterEach(() => {
    peer.close();
    portal.close();
    node.close();
  });

  const byte = new Uint8Array([FrameKind.data, 1]);
  const withDescriptors = (count: number): Puttable => ({
    bytes: descriptorsFrame,
    handles: Array.from({ length: count }, () => node.boxDescriptor(fds[0]!)),
  });
  const strange: readonly (readonly [string, () => readonly Puttable[]])[] = [
    ["descriptors that are none", () => [descriptorsFrame]],
    ["a long frame of them", () => [{ ...(withDescriptors(1) as object), bytes: "\x04\x01" }]],
    ["a portal", () => [{ bytes: descriptorsFrame, handles: [node.openPortals()[0]] }]],
    ["a value", () => [{ bytes: descriptorsFrame, handles: [node.box({})] }]],
    ["more than it may send", () => [withDescriptors(17)]],
    ["more than it may send later", () => [withDescriptors(16), byte, withDescriptors(1)]],
    ["two for one byte", () => [withDescriptors(1), withDescriptors(1)]],
    ["an end for their byte", () => [withDescriptors(1), endFrame]],
    ["descriptors after the end", () => [endFrame, withDescriptors(1)]],
    ["half a credit", () => [new Uint8Array([FrameKind.descriptorCredit, 1])]],
  ];

  it.each(strange)("fails at %s, and keeps none", async (_what, parcels) => {
    const stream = new DescriptorStream(portal, { windowDescriptors: 16 });
    const failed = failureOf(stream);
    for (const parcel of parcels()) peer.put(parcel);
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_INVALID_ARGUMENT" });
    expect(await peer.closed).toBe("peer-closed");
  });

  it("waits for credit, and leaves what comes with other frames", async () => {
    const stream = new DescriptorStream(portal, { windowDescriptors: 16 });
    const sixteen = Array.from({ length: 16 }, () => fds[0]!);
    stream.writeDescriptors("x", sixteen);
    stream.writeDescriptors("y", [fds[0]!]);
    const kinds = async (): Promise<number[]> => {
      await turn();
      const found: number[] = [];
      for (let parcel = peer.get(); parcel; parcel = peer.get()) {
        found.push(parcel.bytes[0] ?? -1);
        parcel.close();
      }
      return found.filter((kind) => kind !== FrameKind.credit);
    };
    expect(await kinds()).toEqual([FrameKind.descriptors, FrameKind.data]);
    peer.put(descriptorCreditFrame(1));
    expect(await kinds()).toEqual([FrameKind.descriptors, FrameKind.data]);
    peer.put({ bytes: byte, handles: [node.boxDescriptor(fds[0]!)] });
    await once(stream, "data");
    expect(stream.takeDescriptors()).toBeNull();
    stream.destroy();
  });

  it("is none for a PortalStream, which takes no descriptors", async () => {
    const stream = new PortalStream(portal);
    const failed = failureOf(stream);
    peer.put(withDescriptors(1));
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_INVALID_ARGUMENT" });
  });
});

describe("a DescriptorStream to another process", () => {
  const script = new URL("../fixtures/descriptor-streams.mjs", import.meta.url);

  it("sends files there and gets them back", { timeout: 60_000 }, async () => {
    const node = new Node({ driver: systemDriver({ descriptors: true }) });
    const child = await node.fork(script, [], { execArgv: [] });
    const stream = new DescriptorStream(child.portal);
    stream.writeDescriptors("five and four", [fds[5]!, fds[4]!]);
    stream.end(" and none");
    expect(await readAll(stream)).toEqual({ text: "five and four and none", files: ["0:54"] });
    expect([fstatSync(fds[5]!).size, fstatSync(fds[4]!).size]).toEqual([7, 7]);
    await once(child.process, "exit");
    node.close();
  });

  it("keeps nothing when the process is killed on the way", { timeout: 60_000 }, async () => {
    const node = new Node({ driver: systemDriver({ descriptors: true }) });
    const child = await node.fork(script, [], { execArgv: [] });
    const stream = new DescriptorStream(child.portal);
    const failed = failureOf(stream);
    let came = 0;
    stream.on("data", (chunk: Buffer) => {
      came += chunk.length;
      for (const file of stream.takeDescriptors()?.files ?? []) file.close();
      if (came > 300) child.process.kill("SIGKILL");
    });
    const pour = (): void => {
      while (!stream.destroyed && stream.writeDescriptors("x".repeat(40), fds));
      stream.once("drain", pour);
    };
    pour();
    expect(await failed).toMatchObject({ code: "ERR_IPCZ_NOT_FOUND" });
    node.close();
  });
});
