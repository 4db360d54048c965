/**
 * Values sent to a process that runs another Node.js. The programs are those that `npm run test:nodes` has fetched;
 * run by each of them, this covers all pairs.
 */
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { type Child, Node, PortalPort } from "../../src/index.ts";
import { fingerprint } from "../fixtures/fingerprint.mjs";
import { nodeMajor } from "../support/clone-cases/case.ts";
import { plainCases } from "../support/clone-cases/plain.ts";
import { next } from "../support/ports.ts";
import { systemDriver } from "../support/system-driver.ts";

interface OtherNode {
  readonly version: string;
  readonly program: string;
}

function otherNodes(): OtherNode[] {
  const cache = fileURLToPath(new URL("../../../../node_modules/.cache/nodes/", import.meta.url));
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .map((version) => ({ version, program: `${cache}${version}/package/bin/node` }))
    .filter(({ version, program }) => version !== process.versions.node && existsSync(program));
}

const others = otherNodes();
const some = runsHere(others.length > 0, "no other Node.js here; npm run test:nodes fetches some");

describe.runIf(some)("values", { timeout: 60_000 }, () => {
  describe.each(others)("sent to Node.js $version", ({ version, program }) => {
    let node: Node;
    let child: Child;
    let port: PortalPort;
    beforeAll(async () => {
      node = new Node({ driver: systemDriver() });
      const script = new URL("../fixtures/fingerprints.mjs", import.meta.url);
      child = await node.fork(script, [], { execArgv: [], execPath: program });
      port = new PortalPort(child.portal);
    });
    afterAll(async () => {
      port.close();
      if (child.process.exitCode === null) await once(child.process, "exit");
      node.close();
    });

    const isUnknownThere = (name: string): boolean =>
      name.includes("Float16") && Number(version.split(".")[0]) < 24;

    it("arrive as on Node's own channel, or as messageerror where they are unknown", async () => {
      for (const { name, make } of plainCases) {
        const answer = next(port);
        port.postMessage(make());
        const expected: unknown = isUnknownThere(name)
          ? { error: expect.stringContaining("Float16") as string }
          : await fingerprint(throughNode(make()));
        expect({ [name]: await answer }).toEqual({ [name]: expected });
      }
    });
  });

  it("are of all kinds that this Node.js has", () => {
    expect(plainCases.some(({ name }) => name.includes("Float16"))).toBe(nodeMajor >= 24);
  });
});

function throughNode(value: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(value);
    return (receiveMessageOnPort(port2) as { message: unknown }).message;
  } finally {
    port1.close();
  }
}
