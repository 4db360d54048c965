import { Portal } from "ipcz";
import { describe, expect, test } from "vitest";
import {
  MojoEndpoint,
  PipeClosedError,
  type RequestHandler,
  writeMessage,
} from "../../src/index.ts";
import { newNode } from "../support/pair.ts";

const payload = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0);

/** A client, and a server behind it. */
function pipe(handler?: RequestHandler): { client: MojoEndpoint; server: MojoEndpoint } {
  const [one, other] = newNode().node.openPortals();
  return { client: new MojoEndpoint(one), server: new MojoEndpoint(other, handler) };
}

/** An endpoint, and the bare portal at the other end. */
function bare(handler?: RequestHandler): { endpoint: MojoEndpoint; portal: Portal } {
  const [one, portal] = newNode().node.openPortals();
  return { endpoint: new MojoEndpoint(one, handler), portal };
}

describe("a message pipe", () => {
  test("answers calls, in whatever order the answers come", async () => {
    const late: (() => void)[] = [];
    const { client } = pipe(({ method, reply }) => {
      late.push(() => reply?.(Uint8Array.of(method)));
      if (late.length === 2) for (const answer of late.toReversed()) answer();
      return true;
    });
    const answers = await Promise.all([client.call(1, payload), client.call(2, payload)]);
    expect(answers.map((each) => Array.from(each.payload))).toEqual([[1], [2]]);
  });

  test("carries handles both ways", async () => {
    const { node } = newNode();
    const [here, there] = node.openPortals();
    const [one, other] = node.openPortals();
    const client = new MojoEndpoint(one);
    const server = new MojoEndpoint(other, ({ handles, reply }) => {
      reply?.(payload, handles);
      return true;
    });
    const { handles } = await client.call(1, payload, [there]);
    const [back] = handles;
    expect(back).toBeInstanceOf(Portal);
    if (back instanceof Portal) back.put("through");
    expect((await here.receive())?.text()).toBe("through");
    server.close();
  });

  test("tells the version of its other end, whatever that serves", async () => {
    const { client } = pipe();
    expect(await client.queryVersion()).toBe(0);
  });

  test("takes requests that expect no answer", async () => {
    const seen: unknown[] = [];
    const { client } = pipe(({ method, reply }) => {
      seen.push([method, reply]);
      return true;
    });
    client.send(9, payload);
    await client.queryVersion();
    expect(seen).toEqual([[9, null]]);
  });

  test("fails the calls that wait when it ends, and those that come later", async () => {
    const { client, server } = pipe(() => true);
    const call = client.call(1, payload);
    server.close();
    await expect(call).rejects.toThrow(PipeClosedError);
    await client.ended;
    await expect(client.call(1, payload)).rejects.toThrow("ended");
    client.close();
  });

  test("ends when a method is not served", async () => {
    const { client, server } = pipe();
    await expect(client.call(1, payload)).rejects.toThrow(PipeClosedError);
    await server.ended;
  });

  test.each([
    ["what is no message", new Uint8Array(3)],
    ["an answer that nobody asked for", answerTo(77n)],
    ["a control message that there is not", control(new Uint8Array(32))],
  ])("ends when the peer sends %s", async (_name, bytes) => {
    const { endpoint, portal } = bare(() => true);
    portal.put(bytes);
    await endpoint.ended;
    expect(await portal.closed).toBe("peer-closed");
  });

  test("ends for a second answer to one call", async () => {
    const { endpoint, portal } = bare();
    const call = endpoint.call(1, payload);
    portal.put(answerTo(1n));
    portal.put(answerTo(1n));
    await call;
    await endpoint.ended;
  });

  test("does not mind an answer that is too late", async () => {
    let answer = (): void => undefined;
    const { client, server } = pipe(({ reply: send }) => {
      answer = () => send?.(payload);
      return true;
    });
    const call = client.call(1, payload);
    await new Promise((resolve) => setImmediate(resolve));
    client.close();
    await expect(call).rejects.toThrow("closed here");
    await server.ended;
    answer();
  });
});

function answerTo(requestId: bigint): Uint8Array {
  const header = { interfaceId: 0, method: 1, expectsReply: false, isReply: true, requestId };
  return writeMessage(header, payload);
}

function control(content: Uint8Array): Uint8Array {
  const method = 0xffff_ffff;
  const header = { interfaceId: 0, method, expectsReply: true, isReply: false, requestId: 1n };
  return writeMessage(header, content);
}
