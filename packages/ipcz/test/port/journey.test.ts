/**
 * A port that is sent on from process to process while messages pour into it.
 */
import { once } from "node:events";
import { isDirectRemote } from "@ipcz/core/inspect";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Child, Node, PortalChannel, PortalPort } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { next } from "../support/ports.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const script = new URL("../fixtures/traveller.mjs", import.meta.url);
const messagesWhileTravelling = 4000;

describe("a port on its way from A through B and C to D", () => {
  let node: Node;
  let children: Child[];
  let ports: PortalPort[];
  beforeEach(async () => {
    node = new Node({ driver: systemDriver() });
    children = [];
    for (let count = 0; count < 3; count++)
      children.push(await node.fork(script, [], { execArgv: [] }));
    ports = children.map(({ portal }) => new PortalPort(portal));
  });
  afterEach(async () => {
    for (const port of ports) port.close();
    for (const child of children)
      if (child.process.exitCode === null && child.process.signalCode === null)
        await once(child.process, "exit");
    node.close();
  });

  interface Answer {
    readonly received: number;
    readonly bytes: number;
  }

  /** Sends one end of a new channel on its way; messages go into the other all the time. */
  async function send(): Promise<{ port: PortalPort; answer: Answer }> {
    const [b, c, d] = ports as [PortalPort, PortalPort, PortalPort];
    const [toC, toD, travelling] = [
      new PortalChannel(node),
      new PortalChannel(node),
      new PortalChannel(node),
    ];
    c.postMessage({ neighbour: toC.port2 }, [toC.port2]);
    d.postMessage({ neighbour: toD.port2 }, [toD.port2]);
    const port = travelling.port1;
    let number = 0;
    const bytes = new Uint8Array(1000);
    const pour = (count: number): void => {
      for (let left = count; left > 0; left--) port.postMessage({ number: number++, bytes });
    };
    pour(1000);
    const route = [toC.port1, toD.port1];
    b.postMessage({ pass: travelling.port2, route }, [travelling.port2, ...route]);
    while (number < messagesWhileTravelling) {
      pour(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answer = next(port);
    for (const each of ports)
      each.on("message", (message) => expect(message).toBe("nothing may be wrong"));
    port.postMessage({ number: number++, last: true, bytes: new Uint8Array(1_000_000) });
    return { port, answer: (await answer) as Answer };
  }

  it("keeps all messages in order, and ends up direct", { timeout: 120_000 }, async () => {
    const { port, answer } = await send();
    expect(answer).toEqual({ received: messagesWhileTravelling + 1, bytes: 1_000_000 });
    while (!isDirectRemote(port.handle ?? (0 as never)))
      await new Promise((resolve) => setImmediate(resolve));
    // Those in the middle are not needed any more.
    for (const child of children.slice(0, 2)) {
      child.process.kill("SIGKILL");
      await once(child.process, "exit");
    }
    const again = next(port);
    port.postMessage({ number: messagesWhileTravelling + 1, last: true, bytes: new Uint8Array(5) });
    expect(await again).toEqual({ received: messagesWhileTravelling + 2, bytes: 5 });
    port.close();
  });

  it("closes within a turn of the end of the process it is in", { timeout: 120_000 }, async () => {
    const { port } = await send();
    let closed = false;
    port.on("close", () => (closed = true));
    const { process: child } = children[2] as Child;
    child.kill("SIGKILL");
    await once(child, "exit");
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(true);
  });
});
