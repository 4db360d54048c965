import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { IPCZ_RESULT_UNKNOWN } from "@ipcz/api";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import {
  connect,
  type Connection,
  type IpczError,
  Node,
  type NodeListener,
  type PeerCredentials,
} from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { Places } from "../support/places.ts";
import { connectedTransports, systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const script = fileURLToPath(new URL("../fixtures/join.mjs", import.meta.url));
const children: ChildProcess[] = [];
const connections: Connection[] = [];
const nodes: Node[] = [];
let places: Places;
let path = "";
let node: Node;

beforeEach(() => {
  places = new Places();
  path = places.at("socket");
  node = newNode();
});

afterEach(async () => {
  for (const { portals } of connections.splice(0)) for (const portal of portals) portal.close();
  for (const each of nodes.splice(0)) each.close();
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  await places.free("socket");
  places.remove();
});

function newNode(broker = true): Node {
  const made = new Node({ driver: systemDriver(), broker });
  nodes.push(made);
  return made;
}

const saysNothing = `
  const socket = require("node:net").connect(process.argv[1]).on("error", () => undefined).resume();
`;
const speaksHttp = `${saysNothing} socket.write("GET / HTTP/1.1\\r\\n\\r\\n");`;

function startProcess(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  children.push(child);
  return child;
}

/** An unrelated process that joins. */
function start(portals = 1): ChildProcess {
  return startProcess(script, path, String(portals));
}

/** A process that knows nothing of nodes, only the path. */
function startStranger(program: string): ChildProcess {
  return startProcess("--eval", program, path);
}

function keep(connection: Connection): Connection {
  connections.push(connection);
  return connection;
}

async function nextOf(listener: NodeListener): Promise<Connection> {
  const { value } = await listener.next();
  if (!value) throw new Error("the listener is closed");
  return keep(value);
}

function code(wanted: IpczError["code"]): IpczError {
  return expect.objectContaining({ code: wanted }) as IpczError;
}

describe("unrelated processes", () => {
  it("meet at a path, and know who the other is", async () => {
    const listener = node.listen(path, { portals: 2 });
    const child = start(2);
    const { portals, peer } = await nextOf(listener);
    expect(peer?.pid).toBe(child.pid);
    expect(peer?.uid).toBe(isWindows ? null : process.getuid?.());
    for (const [index, portal] of portals.entries()) {
      portal.put(`portal ${index}`);
      expect((await portal.receive())?.text()).toBe(`portal ${index} ${child.pid}`);
    }
    listener.close();
    portals[0]?.put("still connected");
    expect((await portals[0]?.receive())?.text()).toContain("still connected");
  });

  it("get a direct line to each other, by way of who listens", async () => {
    const listener = node.listen(path);
    start();
    start();
    const [first, second] = [await nextOf(listener), await nextOf(listener)];
    const [mine, yours] = node.openPortals();
    // It goes to the first, and from there by way of us to the second.
    first.portal.put({ handles: [yours] });
    const parcel = await first.portal.receive();
    if (parcel) second.portal.put(parcel);
    const back = await second.portal.receive();
    const [far] = back?.portals ?? [];
    if (!far) throw new Error("the portal was lost");
    mine.put("x");
    expect((await far.receive())?.text()).toBe("x");
    mine.close();
    far.close();
  });

  it("are told when nobody listens", async () => {
    await expect(connect(path, { driver: systemDriver() })).rejects.toMatchObject({
      code: "ERR_IPCZ_CONNECTION",
      cause: { code: isWindows ? "ERROR_FILE_NOT_FOUND" : "ENOENT" },
    });
    expect(nodes).toHaveLength(1);
  });
});

describe("a listener", () => {
  it("gives connections to a loop, which closes it when it is left", async () => {
    const listener = node.listen(path);
    const guests = [newNode(false), newNode(false)];
    const joined = guests.map((guest) => guest.connect(path).then(keep));
    const seen: Connection[] = [];
    for await (const connection of listener) {
      seen.push(keep(connection));
      if (seen.length === guests.length) break;
    }
    await Promise.all(joined);
    expect(listener.closed).toBe(true);
    expect(await listener.next()).toEqual({ done: true, value: undefined });
  });

  it("gives connections to listeners of its event, also those that came before", async () => {
    const listener = node.listen(path);
    keep(await newNode(false).connect(path));
    const early = once(listener as never, "connection");
    keep(((await early) as Connection[])[0] as Connection);
    const late = once(listener as never, "connection");
    keep(await newNode(false).connect(path));
    keep(((await late) as Connection[])[0] as Connection);
    listener.close();
  });

  it("ends with its node, with a signal, or when it is disposed of", async () => {
    const controller = new AbortController();
    const listeners = [
      node.listen(path, { signal: controller.signal }),
      node.listen(places.at("second")),
      node.listen(places.at("third")),
    ];
    const ends = listeners.map((listener) => listener.next());
    controller.abort();
    listeners[1]?.[Symbol.dispose]();
    node.close();
    for (const end of ends) expect(await end).toEqual({ done: true, value: undefined });
    await places.free("socket");
    expect(() => node.listen(path)).toThrow(code("ERR_IPCZ_CLOSED"));
    await once(listeners[2] as never, "closed");
  });

  it("closes what nobody has taken", async () => {
    const listener = node.listen(path);
    const { portal } = keep(await newNode(false).connect(path));
    // Its own handshake may end a little later.
    await new Promise((resolve) => setImmediate(resolve));
    listener.close();
    expect(await portal.closed).toBe("peer-closed");
  });

  it.runIf(runsHere(!isWindows, "sockets, which are files"))(
    "says which file is in its way",
    () => {
      const { folder } = places;
      writeFileSync(join(folder, "file"), "");
      expect(() => node.listen(join(folder, "file"))).toThrow(code("ERR_IPCZ_LISTEN"));
      expect(() => node.listen(join(folder, "x".repeat(200)))).toThrow(/at most \d+ bytes/);
      expect(() => node.listen(join(folder, "no", "folder"))).toThrow("ENOENT");
    },
  );

  it.runIf(runsHere(isWindows, "names of pipes"))(
    "says that a path is not the name of a pipe",
    () => {
      expect(() => node.listen(join(places.folder, "file"))).toThrow("ERROR_INVALID_NAME");
      expect(() => node.listen(path.slice(1))).toThrow(code("ERR_IPCZ_LISTEN"));
    },
  );

  it("says what is in its way", () => {
    const listener = node.listen(path);
    expect(() => node.listen(path)).toThrow(isWindows ? "ERROR_ACCESS_DENIED" : "EADDRINUSE");
    listener.close();
    expect(() => node.listen(path, { portals: 13 })).toThrow(RangeError);
    expect(() => node.listen(path, { peer: "guest" })).toThrow(TypeError);
    const elsewhere = new Node({ driver: memDriver() });
    expect(() => elsewhere.listen(path)).toThrow(code("ERR_IPCZ_UNSUPPORTED"));
    elsewhere.close();
  });

  it("tells its driver whether those who connect are brokers", () => {
    const told: string[] = [];
    const driver = {
      ...memDriver(),
      listen: (_path: string, options: { destination: string }) => {
        told.push(options.destination);
        return { close: () => undefined };
      },
    };
    const elsewhere = new Node({ driver });
    elsewhere.listen(path).close();
    elsewhere.listen(path, { peer: "broker" }).close();
    expect(told).toEqual(["non-broker", "broker"]);
    elsewhere.close();
  });

  it("refuses whom nothing can be sent to, and throws nothing at nobody", async () => {
    const driver = { ...systemDriver(), ActivateTransport: () => IPCZ_RESULT_UNKNOWN };
    const host = new Node({ driver });
    nodes.push(host);
    const listener = host.listen(path);
    await expect(newNode(false).connect(path)).rejects.toEqual(code("ERR_IPCZ_CONNECTION"));
    listener.close();
    const [first] = connectedTransports(driver, driver);
    expect(() => host.connectTransport(first)).toThrow(code("ERR_IPCZ_CONNECTION"));
    driver.dispose();
  });

  it("survives strangers that speak something else", async () => {
    const listener = node.listen(path);
    const refused = once(listener as never, "refused");
    // In a process of its own: on Windows it is given handles, which it never asks for.
    const stranger = startStranger(speaksHttp);
    const [peer, error] = (await refused) as [PeerCredentials, unknown];
    expect(peer.pid).toBe(stranger.pid);
    expect(error).toEqual(code("ERR_IPCZ_CONNECTION"));
    keep(await newNode(false).connect(path));
    await nextOf(listener);
    listener.close();
  });
});

describe("an accept callback", () => {
  it("refuses whom it does not know, who is told", async () => {
    const asked: PeerCredentials[] = [];
    const listener = node.listen(path, {
      accept: (peer) => {
        asked.push(peer);
        return Promise.resolve(asked.length > 1);
      },
    });
    const guest = newNode(false);
    await expect(guest.connect(path)).rejects.toEqual(code("ERR_IPCZ_CONNECTION"));
    keep(await guest.connect(path));
    await nextOf(listener);
    expect(asked.map(({ pid }) => pid)).toEqual([process.pid, process.pid]);
    listener.close();
  });

  it("may take so long that whom it is asked about has ended; who listens goes on", async () => {
    const listener = node.listen(path, {
      accept: async () => {
        const [child] = children;
        if (!child) return true;
        child.kill("SIGKILL");
        await once(child, "exit");
        children.length = 0;
        return true;
      },
    });
    const uncaught: unknown[] = [];
    const hear = (error: unknown): void => void uncaught.push(error);
    const refused = once(listener as never, "refused");
    // Whoever joins may have said all it has to say by now, and would be connected.
    startStranger(saysNothing);
    expect((await refused)[1]).toEqual(code("ERR_IPCZ_CONNECTION"));
    process.once("uncaughtException", hear);
    startStranger(saysNothing);
    while (children.length > 0) await new Promise((resolve) => setImmediate(resolve));
    keep(await newNode(false).connect(path));
    await nextOf(listener);
    process.off("uncaughtException", hear);
    expect(uncaught).toEqual([]);
    listener.close();
  });

  it("refuses by anything but true, and by an exception, which is told", async () => {
    const answers: unknown[] = ["yes", 1, undefined];
    const listener = node.listen(path, {
      accept: () => {
        if (answers.length === 0) throw new Error("no more");
        return answers.shift() as boolean;
      },
    });
    const errors: unknown[] = [];
    listener.on("refused", (_peer, error) => errors.push(error));
    const guest = newNode(false);
    for (let count = 0; count < 4; count++)
      await expect(guest.connect(path)).rejects.toEqual(code("ERR_IPCZ_CONNECTION"));
    expect(errors).toEqual([null, null, null, new Error("no more")]);
    listener.close();
  });

  it("may be asked about who listens, too", async () => {
    const listener = node.listen(path);
    const guest = newNode(false);
    await expect(guest.connect(path, { accept: () => false })).rejects.toEqual(
      code("ERR_IPCZ_CONNECTION"),
    );
    await expect(
      guest.connect(path, { accept: () => Promise.reject(new Error("mine")) }),
    ).rejects.toThrow("mine");
    keep(await guest.connect(path, { accept: ({ pid }) => pid === process.pid }));
    await nextOf(listener);
    listener.close();
  });
});

describe("connecting", () => {
  it("can be given up", async () => {
    // Listens, and never says anything.
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(path, resolve));
    const guest = newNode(false);
    const controller = new AbortController();
    const connected = guest.connect(path, { signal: controller.signal });
    await once(silent, "connection");
    controller.abort();
    await expect(connected).rejects.toMatchObject({ name: "AbortError" });
    await expect(guest.connect(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    guest.close();
    await new Promise((resolve) => silent.close(resolve));
  });

  it("ends in an error when the other side goes before both have agreed", async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(path, resolve));
    await expect(newNode(false).connect(path)).rejects.toThrow("before both nodes had agreed");
    await new Promise((resolve) => rude.close(resolve));
  });

  it("of two brokers happens only when both say so", async () => {
    const other = newNode();
    await expect(other.connect(path)).rejects.toThrow("broker: false");
    const listener = node.listen(path, { peer: "broker" });
    keep(await other.connect(path, { peer: "broker" }));
    await nextOf(listener);
    listener.close();
  });

  it("through a member of a network joins that network", async () => {
    const sponsor = newNode(false);
    const entrance = node.listen(path);
    keep(await sponsor.connect(path));
    const atBroker = await nextOf(entrance);
    entrance.close();
    // Elsewhere, since on Windows a name is taken as long as anybody is connected who came by it.
    const second = places.at("second");
    const listener = sponsor.listen(second);
    const guest = newNode(false);
    const { portal } = keep(await guest.connect(second, { peer: "sponsor" }));
    const atSponsor = await nextOf(listener);
    listener.close();
    const [stays, goes] = guest.openPortals();
    portal.put({ handles: [goes] });
    const parcel = await atSponsor.portal.receive();
    const [onward] = parcel?.portals ?? [];
    onward?.put("welcome");
    expect((await stays.receive())?.text()).toBe("welcome");
    onward?.close();
    stays.close();
    expect(atBroker.portal.status.peerClosed).toBe(false);
  });
});
