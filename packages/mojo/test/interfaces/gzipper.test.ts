/**
 * The interfaces between two of our nodes, so that they are tested where there is no browser.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import type { Portal } from "ipcz";
import { describe, expect, test } from "vitest";
import {
  bigBufferBytes,
  type BigBufferPlace,
  ChildProcess,
  ChildProcessHost,
  DataDecoderService,
  dataDecoderServiceName,
  invite,
  join,
  methodNumber,
  MojoEndpoint,
  type MojoNode,
  PayloadWriter,
  readBigBuffer,
  type RequestHandler,
  serveChildProcessHost,
  StructReader,
  writeBigBuffer,
} from "../../src/index.ts";
import { newNode, nothingLeft, transportsBetween } from "../support/pair.ts";

const version = { major: 1, minor: 2, build: 3, patch: 4 };

/** A child of ours that serves as one of Chromium's does; answers come in the way that questions came. */
function serveChild(portal: Portal, member: MojoNode): MojoEndpoint {
  const bind = methodNumber(version, "ChildProcess", 5);
  const bindGzipper = methodNumber(version, "DataDecoderService", 4);
  const compress = methodNumber(version, "Gzipper", 3);
  return new MojoEndpoint(portal, ({ method, payload, handles }) => {
    const name = StructReader.first(payload)?.struct(0)?.string(0);
    const [receiver] = handles;
    if (method !== bind || name !== dataDecoderServiceName || !receiver) return false;
    serve(receiver as Portal, (request) => {
      if (request.method !== bindGzipper) return false;
      serve(request.handles[0] as Portal, (call) => {
        const params = StructReader.first(call.payload);
        const buffer = params && readBigBuffer(params, 0, call.handles, member.driver);
        if (call.method !== compress || !buffer) return false;
        const writer = new PayloadWriter();
        const result = writer.struct(bigBufferBytes);
        const answer = { bytes: gzipSync(buffer.bytes), place: buffer.place, node: member.node };
        const boxes = writeBigBuffer(writer, result, answer);
        call.reply?.(writer.finish(), boxes);
        return true;
      });
      return true;
    });
    return true;
  });
}

/** Serves until the pipe ends by itself. */
function serve(portal: Portal, handler: RequestHandler): MojoEndpoint {
  return new MojoEndpoint(portal, handler);
}

describe("a browser's side and a child's", () => {
  test.each<[BigBufferPlace, number]>([
    ["payload", 0],
    ["payload", 100],
    ["payload", 1 << 20],
    ["memory", 0],
    ["memory", 1 << 20],
  ])("exchange bytes in the %s (%i of them)", async (place, size) => {
    const broker = newNode();
    const member = newNode({ broker: false });
    const [ours, theirs] = transportsBetween(broker, member);
    const invitation = invite(broker.node, ours, { attachments: 2 });
    const joined = join(member.node, theirs);
    const served = serveChild(joined.attachment(0), member);
    const pings: string[] = [];
    const host = serveChildProcessHost(invitation.attachment(1), version, {
      pinged: () => pings.push("ping"),
    });
    const hosted = new ChildProcessHost(joined.attachment(1), version);
    const child = new ChildProcess(invitation.attachment(0), version);
    await hosted.ping();
    expect(pings).toEqual(["ping"]);

    const [portal, receiver] = broker.node.openPortals();
    child.bindServiceInterface(dataDecoderServiceName, receiver);
    const decoder = new DataDecoderService(portal, version, broker.node);
    const gzipper = decoder.bindGzipper();
    const bytes = new Uint8Array(size).map((_, index) => index * 7);
    const answer = await gzipper.compress(bytes, place);
    expect(answer.place).toBe(place);
    expect(gunzipSync(answer.bytes).equals(bytes)).toBe(true);

    const endpoints = [gzipper.endpoint, decoder.endpoint, child.endpoint, hosted.endpoint];
    for (const endpoint of [...endpoints, host, served]) endpoint.close();
    joined.close();
    invitation.close();
    await nothingLeft();
  });
});

describe("big buffers of strangers", () => {
  const { driver, node } = newNode();

  function buffer(change: (writer: PayloadWriter, at: number) => void): StructReader | null {
    const writer = new PayloadWriter();
    const at = writer.struct(bigBufferBytes);
    writeBigBuffer(writer, at, { bytes: Uint8Array.of(1), place: "payload", node });
    change(writer, at);
    return StructReader.first(writer.finish());
  }

  test.each<[string, (writer: PayloadWriter, at: number) => void]>([
    ["of another size", (writer, at) => writer.setU32(at, 8)],
    ["that is nothing", (writer, at) => writer.setU32(at, 0)],
    ["of another kind", (writer, at) => writer.setU32(at + 4, 2)],
    ["that points nowhere", (writer, at) => writer.setU64(at + 8, 0n)],
    ["in memory that did not come", (writer, at) => writer.setU32(at + 4, 1)],
  ])("%s are none", (_name, change) => {
    const struct = buffer(change);
    expect(struct).not.toBeNull();
    expect(struct && readBigBuffer(struct, 0, [], driver)).toBeNull();
  });
});
