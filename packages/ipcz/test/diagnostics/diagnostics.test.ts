import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import process from "node:process";
import { nodeName } from "@ipcz/core/inspect";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Child, DiagnosticsCounters, type DiagnosticsName, Node } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const echo = new URL("../fixtures/echo.mjs", import.meta.url);
const names: readonly DiagnosticsName[] = [
  "connect",
  "introduction",
  "transfer",
  "bypass",
  "closure",
  "reject",
];

let node: Node;
const children: Child[] = [];

beforeEach(() => {
  node = new Node({ driver: systemDriver() });
});

afterEach(async () => {
  node.close();
  for (const child of children.splice(0)) {
    child.portal.close();
    if (child.process.exitCode === null) await once(child.process, "exit");
  }
});

async function fork(): Promise<Child> {
  const child = await node.fork(echo, [], { execArgv: [] });
  children.push(child);
  return child;
}

/** Sends a portal by one child to another and back: everything there is to tell happens. */
async function sendAround(): Promise<void> {
  const [first, second] = [await fork(), await fork()];
  const [mine, yours] = node.openPortals();
  first.portal.put({ handles: [yours] });
  const parcel = await first.portal.receive();
  if (parcel) second.portal.put(parcel);
  const [far] = (await second.portal.receive())?.portals ?? [];
  mine.put("x");
  await far?.receive();
  mine.close();
  await far?.closed;
  far?.close();
}

describe("diagnostics channels", () => {
  it("tell of connections, transfers and closures, with names of nodes", async () => {
    const told = new Map<string, unknown[]>();
    const listeners = names.map((name) => {
      const listener = (message: unknown): void => {
        told.set(name, [...(told.get(name) ?? []), message]);
      };
      subscribe(`ipcz:${name}`, listener);
      return [`ipcz:${name}`, listener] as const;
    });
    await sendAround();
    const name = nodeName(node.handle);
    expect(told.get("connect")).toEqual(
      Array.from({ length: 2 }, () => ({
        step: "connected",
        node: name,
        remoteNode: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        remoteIsBroker: false,
        introduced: false,
      })),
    );
    const steps = (told.get("transfer") as { step: string }[]).map(({ step }) => step);
    expect(steps.filter((step) => step === "arrived")).toHaveLength(2);
    expect(told.get("closure")).toContainEqual({ step: "closed" });
    for (const listener of listeners) unsubscribe(...listener);
    told.clear();
    node.openPortals().forEach((portal) => portal.close());
    await Promise.resolve();
    expect(told.size).toBe(0);
  });

  it("are asked nothing of while nobody subscribes, and may call ipcz when somebody does", async () => {
    const opened: string[] = [];
    const listener = (): void => {
      const [a, b] = node.openPortals();
      a.put("from a subscriber");
      opened.push(b.get()?.text() ?? "");
      unsubscribe("ipcz:closure", listener);
      a.close();
      b.close();
    };
    subscribe("ipcz:closure", listener);
    const [c, d] = node.openPortals();
    c.close();
    d.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened).toEqual(["from a subscriber"]);
  });
});

describe("counters", () => {
  it("count from when they are made until they are closed", async () => {
    const counters = new DiagnosticsCounters();
    await sendAround();
    const { counts } = counters;
    expect(counts).toMatchObject({ "connect.connected": 2, "transfer.arrived": 2 });
    expect(counts["closure.closed"]).toBeGreaterThan(0);
    counters.close();
    node.openPortals().forEach((portal) => portal.close());
    expect(counters.counts).toEqual(counts);
    const later = new DiagnosticsCounters();
    expect(later.counts).toEqual({});
    later[Symbol.dispose]();
  });
});

describe("NODE_DEBUG=ipcz", () => {
  it.each([
    ["ipcz", /IPCZ \d+: connect connected node=[0-9a-f]{32} remoteNode=[0-9a-f]{32}/],
    ["", /^$/],
  ])("set to '%s' is heeded", async (value, expected) => {
    const child = await node.fork(echo, [], {
      execArgv: [],
      env: { ...process.env, NODE_DEBUG: value },
      stdio: ["ignore", "inherit", "pipe"],
    });
    children.push(child);
    let log = "";
    child.process.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
    child.portal.put("x");
    await child.portal.receive();
    child.portal.close();
    await once(child.process, "close");
    expect(log).toMatch(expected);
  });
});
