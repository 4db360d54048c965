/**
 * Pipes with names: one server each, this user's processes only, and what is left of those that go.
 */
import { describe, expect, it } from "vitest";
import { winErrors } from "../src/os-error.ts";
import {
  broker,
  carry,
  listen,
  memory,
  none,
  pack,
  pair,
  seat,
  settle,
  startChild,
  view,
} from "./support/network.ts";

const path = "\\\\.\\pipe\\mine";

describe("a listener", () => {
  it("gets a transport for each process that connects, and who it is", async () => {
    const server = broker();
    const pids: (number | null)[] = [];
    const listener = server.driver.listen(path, {}, (_transport, peer) => pids.push(peer.pid));
    const clients = [seat(server.machine.boot()), seat(server.machine.boot())];
    for (const { driver } of clients) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const transport = await driver.connectTo(path);
      expect(driver.peerCredentials(transport).pid).toBe(server.process.pid);
      // oxlint-disable-next-line no-await-in-loop -- until it is told
      await settle();
    }
    expect(pids).toEqual(clients.map(({ process }) => process.pid));
    listener.close();
    await expect(clients[0]?.driver.connectTo(path)).rejects.toThrow(/ERROR_FILE_NOT_FOUND/);
  });

  it("can send objects to who connects, and the other way round", async () => {
    const server = broker();
    let accepted = none;
    server.driver.listen(path, {}, (transport) => {
      accepted = transport;
    });
    const client = seat(server.machine.boot());
    const transport = await client.driver.connectTo(path);
    await settle();
    const atClient = listen(client, transport);
    const atServer = listen(server, accepted);
    const got = await carry(server, memory(server, 2), accepted, client, transport, atClient);
    expect(got && view(client, got)[0]).toBe(2);
    const back = await carry(client, got ?? none, transport, server, accepted, atServer);
    expect(back && view(server, back)[0]).toBe(2);
  });

  it("takes those who connect for brokers when it is told to", async () => {
    const server = broker();
    let accepted = none;
    server.driver.listen(path, { destination: "broker" }, (transport) => {
      accepted = transport;
    });
    const client = seat(server.machine.boot());
    const transport = await client.driver.connectTo(path);
    await settle();
    const member = startChild(server);
    const [forClient] = pair(server, accepted, member.toChild);
    const atClient = listen(client, transport);
    const end = await carry(server, forClient, accepted, client, transport, atClient);
    // It has power over the member's process, so that it can send there.
    expect(pack(client, memory(client), end ?? none)).toBeInstanceOf(Uint8Array);
  });

  it("keeps its name from a second one", () => {
    const server = broker();
    server.driver.listen(path, {}, () => undefined);
    for (const user of ["me", "somebody else"]) {
      const other = seat(server.machine.boot(user));
      expect(() => other.driver.listen(path, {}, () => undefined)).toThrow(/ERROR_ACCESS_DENIED/);
      expect(other.process.handleCount).toBe(0);
    }
  });

  it.each(["ended", "closed its end"])("closes the connection of a client that %s", async (how) => {
    const server = broker();
    let count = 0;
    server.driver.listen(path, {}, () => count++);
    const client = seat(server.machine.boot());
    const transport = await client.driver.connectTo(path);
    // The second leaves a process of that number, as one that comes later might have.
    if (how === "ended") server.machine.kill(client.process);
    else client.driver.Close(transport, 0, null);
    await settle();
    expect([count, server.process.handleCount]).toEqual([0, 1]);
  });

  it("goes on when the system was short of something for a while", async () => {
    const server = broker();
    let count = 0;
    server.driver.listen(path, {}, () => count++);
    server.process.failures.set("createPipe", -winErrors.ERROR_NO_SYSTEM_RESOURCES);
    await seat(server.machine.boot()).driver.connectTo(path);
    await settle();
    const next = seat(server.machine.boot()).driver.connectTo(path);
    await settle();
    server.process.failures.clear();
    await next;
    await settle();
    expect(count).toBe(2);
  });

  it("leaves nothing behind when it is closed, also twice", async () => {
    const server = broker();
    const listener = server.driver.listen(path, {}, () => undefined);
    expect(server.driver.liveObjects().listeners).toBe(1);
    listener.close();
    listener.close();
    await settle();
    expect([server.process.handleCount, server.driver.liveObjects().listeners]).toEqual([0, 0]);
    server.process.failures.set("acceptClient", -winErrors.ERROR_NOT_ENOUGH_MEMORY);
    expect(() => server.driver.listen(path, {}, () => undefined)).toThrow(
      /ERROR_NOT_ENOUGH_MEMORY/,
    );
    expect(server.process.handleCount).toBe(0);
  });
});

describe("who connects", () => {
  it("refuses a server of another user", async () => {
    const server = broker();
    server.driver.listen(path, {}, () => undefined);
    const client = seat(server.machine.boot("somebody else"));
    await expect(client.driver.connectTo(path)).rejects.toThrow(/another user's/);
    expect(client.process.handleCount).toBe(0);
  });

  it("stops trying when it is told to", async () => {
    const server = broker();
    server.process.createPipe(path, "many", true);
    await seat(server.machine.boot()).driver.connectTo(path);
    const control = new AbortController();
    const trying = seat(server.machine.boot()).driver.connectTo(path, { signal: control.signal });
    await settle();
    control.abort(new Error("enough"));
    await expect(trying).rejects.toThrow("enough");
  });

  it.each(["mine", "\\\\.\\pipe\\", "\\\\server\\pipe\\mine", "\\\\.\\pipe\\a\\b", `${path}\0`])(
    "is told that %j is not the name of a pipe",
    async (name) => {
      const { driver } = broker();
      await expect(driver.connectTo(name)).rejects.toThrow(/ERROR_INVALID_NAME/);
      expect(() => driver.listen(name, {}, () => undefined)).toThrow(/ERROR_INVALID_NAME/);
    },
  );
});
