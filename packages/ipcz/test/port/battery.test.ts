/**
 * Everything that can be cloned, sent to a worker and to another process, where it must look as it does on Node's own channel.
 */
import { once } from "node:events";
import { openAsBlob } from "node:fs";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { workerDriver } from "@ipcz/driver-mem/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalNode, Node, type Portal, PortalPort } from "../../src/index.ts";
import { fingerprint } from "../fixtures/fingerprint.mjs";
import { differentCases } from "../support/clone-cases/different.ts";
import { plainCases } from "../support/clone-cases/plain.ts";
import { refusedCases } from "../support/clone-cases/refused.ts";
import { endCases, unlistedCases } from "../support/clone-cases/unlisted.ts";
import { next } from "../support/ports.ts";
import { systemDriver } from "../support/system-driver.ts";

function throughNode(value: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(value);
    return (receiveMessageOnPort(port2) as { message: unknown }).message;
  } finally {
    port1.close();
  }
}

const script = new URL("../fixtures/fingerprints.mjs", import.meta.url);

/** Where values are sent to. */
interface Place {
  readonly portal: Portal;
  end(): Promise<void>;
}

async function startProcess(): Promise<Place> {
  const node = new Node({ driver: systemDriver() });
  const child = await node.fork(script, [], { execArgv: [] });
  const exited = once(child.process, "exit");
  const end = async (): Promise<void> => {
    await exited;
    node.close();
  };
  return { portal: child.portal, end };
}

async function startWorker(): Promise<Place> {
  const driver = workerDriver();
  const node = new LocalNode(driver);
  const { transport, seat, transferList } = driver.offerSeat();
  const options = { workerData: { seat }, transferList: transferList as never[], execArgv: [] };
  const worker = new Worker(script, options);
  const exited = once(worker, "exit");
  await once(worker, "online");
  const [portal] = node.connectTransport(transport);
  if (!portal) throw new Error("no portal was opened");
  const end = async (): Promise<void> => {
    await exited;
    node.close();
  };
  return { portal, end };
}

afterAll(endCases);

describe.each([
  ["a worker", startWorker],
  ["another process", startProcess],
])("a value in %s", (_name, start) => {
  let place: Place;
  let port: PortalPort;
  beforeAll(async () => {
    place = await start();
    port = new PortalPort(place.portal);
  });
  afterAll(async () => {
    port.close();
    await place.end();
  });

  async function seenThere(value: unknown): Promise<unknown> {
    const answer = next(port);
    port.postMessage(value);
    return answer;
  }

  it.each(plainCases)("looks as it does on Node's own channel: $name", async ({ make }) => {
    const expected = await fingerprint(throughNode(make()));
    expect(await seenThere(make())).toBe(expected);
  });

  it("may be a Blob that is a file", async () => {
    const blob = await openAsBlob(new URL(import.meta.url));
    // Node gives it a class without a name; where it arrives it is a Blob like others.
    const expected = new Blob([await blob.arrayBuffer()]);
    expect(await seenThere(blob)).toBe(await fingerprint(expected));
  });

  it.each([...refusedCases, ...unlistedCases])("is refused: $name", async ({ make }) => {
    const value = make();
    expect(() => port.postMessage(value)).toThrow(
      expect.objectContaining({ name: "DataCloneError", code: 25 }) as Error,
    );
    expect(await seenThere(1)).toBe("1");
  });

  it.each(differentCases)("is what the table says: $name", async ({ make, differs }) => {
    const value = make();
    if (differs?.ours === "DataCloneError") {
      expect(() => port.postMessage(value)).toThrow(DOMException);
      return;
    }
    let expected: string;
    try {
      expected = await fingerprint(differs ? differs.ours() : throughNode(value));
    } catch (error) {
      expect(() => port.postMessage(value)).toThrow(
        expect.objectContaining({ name: (error as Error).name }) as Error,
      );
      return;
    }
    const seen = await seenThere(value);
    if (value instanceof DOMException) expect(seen).toContain("AbortError 20 m");
    else expect(seen).toBe(expected);
  });
});
