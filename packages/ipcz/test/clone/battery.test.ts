import { readFileSync } from "node:fs";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { BytesIn } from "../../src/clone/bytes-in.ts";
import { BytesOut } from "../../src/clone/bytes-out.ts";
import { ValueReader } from "../../src/clone/read-value.ts";
import { ValueWriter } from "../../src/clone/write-value.ts";
import { fingerprint } from "../fixtures/fingerprint.mjs";
import { differentCases } from "../support/clone-cases/different.ts";
import { plainCases } from "../support/clone-cases/plain.ts";
import { refusedCases } from "../support/clone-cases/refused.ts";
import { endCases, unlistedCases } from "../support/clone-cases/unlisted.ts";

/** What Node's own channel between threads makes of a value; throws what it throws. */
function throughNode(value: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(value);
    return receiveMessageOnPort(port2)?.message;
  } finally {
    port1.close();
  }
}

async function throughBytes(value: unknown): Promise<unknown> {
  const out = new BytesOut();
  const writer = new ValueWriter(out);
  writer.write(value);
  const chunks = out.chunks();
  for (const { blob, chunk } of writer.blobs)
    chunks[chunk] = new Uint8Array(await blob.arrayBuffer());
  const bytes = Buffer.concat(chunks);
  expect(bytes.length).toBe(out.length);
  const from = new BytesIn(bytes);
  const read = new ValueReader(from, []).read();
  expect(from.remaining).toBe(0);
  return read;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}

function write(value: unknown): void {
  new ValueWriter(new BytesOut()).write(value);
}

afterAll(endCases);

describe("what Node's own channel clones", () => {
  it.each(plainCases)("arrives as it does there: $name", async ({ make }) => {
    const value = make();
    const node = await fingerprint(throughNode(value));
    expect(await fingerprint(await throughBytes(make()))).toBe(node);
  });

  it.each(refusedCases)("is refused as it is there: $name", ({ make }) => {
    const value = make();
    const node = thrownBy(() => throughNode(value)) as DOMException;
    const ours = thrownBy(() => write(value)) as DOMException;
    expect(node.name).toBe("DataCloneError");
    expect(ours).toBeInstanceOf(DOMException);
    expect([ours.name, ours.code]).toEqual([node.name, node.code]);
  });

  it.each(unlistedCases)("must be listed as it must there: $name", ({ make }) => {
    const value = make();
    expect(thrownBy(() => throughNode(value))).not.toBeNull();
    expect(thrownBy(() => write(value))).toMatchObject({ name: "DataCloneError", code: 25 });
  });

  it("throws what a getter throws", () => {
    const thrown = new Error("from the getter");
    const value = {
      get bad() {
        throw thrown;
      },
    };
    expect(thrownBy(() => write(value))).toBe(thrown);
  });
});

describe("the table of differences", () => {
  it("has a row for each, with its reason", () => {
    const table = readFileSync(new URL("../../../../docs/clone.md", import.meta.url), "utf8");
    for (const { differs } of differentCases) expect(table).toContain(`\n| ${differs?.row ?? ""}`);
  });
});

describe("what differs from Node's own channel", () => {
  it.each(differentCases)("is what the table says: $name", async ({ make, differs }) => {
    const value = make();
    let node: string;
    try {
      node = await fingerprint(throughNode(value));
    } catch (error) {
      node = (error as Error).name;
    }
    let ours: string;
    try {
      ours = await fingerprint(await throughBytes(value));
    } catch (error) {
      ours = (error as Error).name;
    }
    if (!differs) {
      expect(ours).toBe(node);
      return;
    }
    expect(ours).not.toBe(node);
    if (differs.ours === "DataCloneError") expect(ours).toBe("DataCloneError");
    else {
      const wanted = differs.ours();
      if (wanted instanceof DOMException) wanted.stack = (value as DOMException).stack ?? "";
      expect(ours).toBe(await fingerprint(wanted));
    }
  });
});
