import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { type IpczError, Node, type Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedTransports, systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const script = fileURLToPath(new URL("../fixtures/inherit.mjs", import.meta.url));
let node: Node;
beforeEach(() => {
  node = new Node({ driver: systemDriver() });
});
afterEach(() => node.close());

/** Descriptors of two connected sockets. */
function socketPair(): [number, number] {
  const driver = systemDriver();
  const [first, second] = connectedTransports(driver, driver);
  return [driver.releaseDescriptor(first), driver.releaseDescriptor(second)];
}

const hasSockets = runsHere(!isWindows, "connecting descriptors, which are sockets");

it.runIf(runsHere(isWindows, "what is refused on Windows"))(
  "connecting a descriptor is refused on Windows",
  () => {
    const file = openSync(process.execPath, "r");
    expect(() => node.connectDescriptor(file)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_UNSUPPORTED" }) as IpczError,
    );
    closeSync(file);
  },
);

describe.runIf(hasSockets)("a socket that is there already", () => {
  it("connects to a process that has inherited the other end", async () => {
    const [ours, theirs] = socketPair();
    const child = spawn(process.execPath, [script], {
      stdio: ["ignore", "inherit", "inherit", theirs],
    });
    closeSync(theirs);
    const { portal } = node.connectDescriptor(ours);
    portal.put("hello from");
    expect((await portal.receive())?.text()).toBe(`hello from ${process.pid}`);
    portal.close();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("connects with as many portals as both sides ask for; of the rest the peers are closed", async () => {
    const [here, there] = socketPair();
    const other = new Node({ driver: systemDriver(), broker: false });
    const { portals } = node.connectDescriptor(here, { portals: 3 });
    const { portals: theirs } = other.connectDescriptor(there, { portals: 2 });
    await node.whenConnected(portals[0] as Portal);
    expect(await portals[2]?.closed).toBe("peer-closed");
    theirs[1]?.put("x");
    expect((await portals[1]?.receive())?.text()).toBe("x");
    for (const portal of [...portals, ...theirs]) portal.close();
    other.close();
  });

  it("stays the caller's when it is none, or the options are wrong", () => {
    const file = openSync("/dev/null", "r");
    expect(() => node.connectDescriptor(file)).toThrow("not a socket");
    const [here, there] = socketPair();
    expect(() => node.connectDescriptor(here, { portals: 0 })).toThrow(RangeError);
    expect(() => node.connectDescriptor(here, { peer: "guest" })).toThrow(TypeError);
    const elsewhere = new Node({ driver: memDriver() });
    expect(() => elsewhere.connectDescriptor(here)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_UNSUPPORTED" }) as IpczError,
    );
    elsewhere.close();
    for (const descriptor of [file, here, there]) closeSync(descriptor);
  });

  it("ends in an error, told to who waits for agreement, when nobody is there", async () => {
    const [here, there] = socketPair();
    closeSync(there);
    const { portal } = node.connectDescriptor(here);
    await expect(node.whenConnected(portal)).rejects.toMatchObject({ code: "ERR_IPCZ_CONNECTION" });
    await expect(node.whenConnected(portal)).rejects.toMatchObject({ code: "ERR_IPCZ_CONNECTION" });
    portal.close();
  });
});
