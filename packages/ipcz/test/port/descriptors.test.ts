import { once } from "node:events";
import { fstatSync, readFileSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import {
  type Child,
  LocalNode,
  Node,
  PortalChannel,
  PortalPort,
  ReceivedFile,
} from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedNodes, systemLink } from "../support/networks.ts";
import { next } from "../support/ports.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const script = new URL("../fixtures/descriptors.mjs", import.meta.url);
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ipcz-"));
  path = join(folder, "file");
  await writeFile(path, "what is in it");
});
afterEach(() => rm(folder, { recursive: true }));

async function closedOf(handle: FileHandle): Promise<void> {
  while (handle.fd >= 0) await new Promise((resolve) => setImmediate(resolve));
}

describe("a port to another process", { timeout: 60_000 }, () => {
  let node: Node;
  let child: Child;
  let port: PortalPort;
  beforeEach(async () => {
    node = new Node({ driver: systemDriver({ descriptors: true }) });
    child = await node.fork(script, [], { execArgv: [] });
    port = new PortalPort(child.portal);
  });
  afterEach(async () => {
    port.close();
    await once(child.process, "exit");
    node.close();
  });

  it("transfers a file there, and it is closed here", async () => {
    const file = await open(path);
    port.postMessage({ file }, [file]);
    expect(await next(port)).toEqual({ content: "what is in it" });
    await closedOf(file);
  });

  it("gets a file from there", async () => {
    port.postMessage({ want: true });
    const { handle } = (await next(port)) as { handle: ReceivedFile };
    expect(handle).toBeInstanceOf(ReceivedFile);
    expect(readFileSync(handle.fd, "utf8")).toBe(readFileSync(script, "utf8"));
    handle.close();
    handle.close();
    expect(handle.fd).toBe(-1);
  });

  it("passes a file on that it was sent", async () => {
    port.postMessage({ want: true });
    const { handle } = (await next(port)) as { handle: ReceivedFile };
    port.postMessage({ file: handle }, [handle]);
    expect(handle.fd).toBe(-1);
    expect(await next(port)).toEqual({ content: readFileSync(fileURLToPath(script), "utf8") });
  });

  it.runIf(runsHere(!isWindows, "sockets in transfer lists"))(
    "transfers a socket there, which answers",
    async () => {
      const server = createServer({ pauseOnConnect: true }, (socket) => {
        port.postMessage({ socket }, [socket]);
        expect(socket.destroyed).toBe(true);
        server.close();
      }).listen(0);
      await once(server, "listening");
      const client = connect((server.address() as AddressInfo).port);
      expect(await text(client)).toBe(`answered by ${child.process.pid}`);
    },
  );
});

const mayRefuse = runsHere(!isWindows, "drivers that do not send files: on Windows they always do");

describe("a file or socket in a transfer list", () => {
  let node: Node;
  let channel: PortalChannel;
  beforeEach(() => {
    node = new Node({ driver: systemDriver({ descriptors: true }) });
    channel = new PortalChannel(node);
  });
  afterEach(() => {
    channel.port1.close();
    channel.port2.close();
    node.close();
  });

  it("stays as it was when the message cannot be sent", async () => {
    const file = await open(path);
    const refusal = { name: "DataCloneError" };
    const bad = { file, bad: () => 1 };
    expect(() => channel.port1.postMessage(bad, [file])).toThrow(
      expect.objectContaining(refusal) as Error,
    );
    expect(() => channel.port1.postMessage(1, [file, file])).toThrow("twice");
    expect(() => channel.port1.postMessage(1, [file, {}])).toThrow("invalid value");
    expect(() => channel.port1.postMessage({ file })).toThrow("not listed");
    expect(fstatSync(file.fd).size).toBe(13);
    await file.close();
  });

  it("is closed when nobody is there to get it", async () => {
    const gone = next(channel.port1, "close");
    channel.port2.close();
    await gone;
    const file = await open(path);
    channel.port1.postMessage(file, [file]);
    await closedOf(file);
  });

  it("arrives within the process, too, and waits behind a Blob", async () => {
    const file = await open(path);
    channel.port1.postMessage({ blob: new Blob(["first"]), file }, [file]);
    const { file: received } = (await next(channel.port2)) as { file: ReceivedFile };
    expect(readFileSync(received.fd, "utf8")).toBe("what is in it");
    await closedOf(file);
    received.close();
  });

  it("is closed again when what came with it is no message", async () => {
    const [peer, portal] = node.openPortals();
    const port = new PortalPort(portal);
    const handle = await open(path);
    const file = 5;
    peer.put({
      bytes: new Uint8Array([1, 1, 1, file, 0xff]),
      handles: [node.boxDescriptor(handle)],
    });
    const error = next(port, "messageerror");
    port.start();
    await error;
    await handle.close();
    port.close();
    peer.close();
  });

  it("must be one when it comes", async () => {
    const [peer, portal] = node.openPortals();
    const port = new PortalPort(portal);
    let destroyed = false;
    const box = node.box({}, { destroy: () => (destroyed = true) });
    peer.put({ bytes: new Uint8Array([1, 1, 1, 5, 1]), handles: [box] });
    const error = next(port, "messageerror");
    port.start();
    expect(await error).toMatchObject({ message: expect.stringContaining("none") as string });
    expect(destroyed).toBe(true);
    port.close();
    peer.close();
  });

  it("is refused when it is closed, or has bytes in its buffers", async () => {
    const file = await open(path);
    await file.close();
    expect(() => channel.port1.postMessage(file, [file])).toThrow("is closed");
    const socket = new Socket();
    expect(() => channel.port1.postMessage(socket, [socket])).toThrow("is closed");
    const server = createServer().listen(0);
    await once(server, "listening");
    const connecting = connect((server.address() as AddressInfo).port);
    expect(() => channel.port1.postMessage(0, [connecting])).toThrow("is connecting");
    await once(connecting, "connect");
    connecting.cork();
    connecting.write("unsent");
    expect(() => channel.port1.postMessage(0, [connecting])).toThrow("unsent");
    connecting.destroy();
    server.close();
  });

  it("is refused by a node whose driver has no descriptors", async () => {
    const file = await open(path);
    const other = new LocalNode(memDriver());
    const { port1, port2 } = new PortalChannel(other);
    expect(() => port1.postMessage(file, [file])).toThrow("sends no descriptors");
    await file.close();
    port1.close();
    port2.close();
    other.close();
  });

  it.runIf(runsHere(isWindows, "what is refused on Windows"))(
    "is refused if it is a socket",
    async () => {
      const server = createServer((socket) => void socket.resume()).listen(0);
      await once(server, "listening");
      const client = connect((server.address() as AddressInfo).port);
      await once(client, "connect");
      expect(() => channel.port1.postMessage(client, [client])).toThrow("has no descriptor");
      expect(client.destroyed).toBe(false);
      client.destroy();
      server.close();
      await once(server, "close");
    },
  );

  it.runIf(mayRefuse)("is refused by a driver that was not told to send them", async () => {
    const file = await open(path);
    const network = connectedNodes(systemLink);
    const [near, far] = [new PortalPort(network.near), new PortalPort(network.far)];
    far.postMessage("connected");
    await next(near);
    const buffer = new ArrayBuffer(4);
    expect(() => near.postMessage({ file }, [file])).toThrow("invalid argument");
    expect(fstatSync(file.fd).size).toBe(13);
    await file.close();
    near.postMessage(buffer, [buffer]);
    expect(await next(far)).toEqual(new ArrayBuffer(4));
    near.close();
    far.close();
    network.close();
  });
});
