import { once } from "node:events";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Child, connectToParent, type IpczError, Node } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const echo = new URL("../fixtures/echo.mjs", import.meta.url);
const parent = new URL("../fixtures/parent.mjs", import.meta.url);

describe("a node and the processes it starts", () => {
  let node: Node;
  const children: Child[] = [];
  beforeEach(() => {
    // The fixtures take the default; here it would be loaded from its sources, which Node cannot.
    node = new Node({ driver: systemDriver() });
  });
  afterEach(async () => {
    node.close();
    for (const child of children.splice(0)) {
      for (const portal of child.portals) portal.close();
      if (child.process.exitCode === null && child.process.signalCode === null)
        await once(child.process, "exit");
    }
  });

  async function fork(script: URL, portals = 1): Promise<Child> {
    const child = await node.fork(script, [], { execArgv: [], portals });
    children.push(child);
    return child;
  }

  it("talk over as many portals as were asked for", async () => {
    const child = await fork(echo, 3);
    const pid = child.process.pid ?? 0;
    expect(child.portals).toHaveLength(3);
    for (const [index, portal] of child.portals.entries()) portal.put(`portal ${index}`);
    for (const [index, portal] of child.portals.entries())
      expect((await portal.receive())?.text()).toBe(`portal ${index} ${pid}`);
  });

  it("exchange portals", async () => {
    const child = await fork(echo);
    const [mine, yours] = node.openPortals();
    child.portal.put({ bytes: "back", handles: [yours] });
    const parcel = await child.portal.receive();
    const [returned] = parcel?.portals ?? [];
    if (!returned) throw new Error("no portal came back");
    mine.put("x");
    expect((await returned.receive())?.text()).toBe("x");
    mine.close();
    returned.close();
  });

  it("end each other's portals, whichever way the process ends", async () => {
    const [exits, killed] = [await fork(echo), await fork(echo)];
    // Which of both is told first is up to the system.
    const ended = once(exits.process, "exit");
    exits.portal.put("exit");
    expect(await exits.portal.closed).toBe("peer-closed");
    expect(await ended).toEqual([3, null]);
    killed.process.kill("SIGKILL");
    expect(await killed.portal.closed).toBe("peer-closed");
    expect(await killed.portal.receive()).toBeNull();
  });

  it("bring the processes those start into the network", async () => {
    const child = await fork(parent);
    const parcel = await child.portal.receive();
    const [grandchild] = parcel?.portals ?? [];
    if (!grandchild) throw new Error("no portal came");
    grandchild.put("hello");
    expect((await grandchild.receive())?.text()).toBe(`hello ${parcel?.text()}`);
    grandchild.close();
  });

  it("tell when a command does not exist, and keep nothing of it", async () => {
    await expect(node.spawn("/no/such/command")).rejects.toMatchObject({
      code: "ERR_IPCZ_CONNECTION",
      cause: { code: "ENOENT" },
    });
  });

  it("refuse a wrong number of portals before anything is started", async () => {
    await expect(node.spawn(process.execPath, [], { portals: 13 })).rejects.toThrow(RangeError);
    await expect(node.spawn(process.execPath, [], { portals: 0 })).rejects.toThrow(RangeError);
  });

  it("see a process that never joins as a closed peer", async () => {
    const child = await node.spawn(process.execPath, ["-e", "0"], { stdio: "ignore" });
    children.push(child);
    child.portal.put("is anybody there?");
    expect(await child.portal.closed).toBe("peer-closed");
  });
});

describe("joining a parent", () => {
  it("says that there is none", () => {
    expect(() => connectToParent({ driver: systemDriver() })).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_NO_PARENT" }) as IpczError,
    );
  });
});
