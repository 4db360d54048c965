import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { IpczDriverHandle } from "@ipcz/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PeerCredentials, PosixError, type PosixDriver } from "../src/index.ts";
import { isLinux, runsHere } from "../../../tools/conformance/src/runs-here.ts";
import { createPair, openDescriptors, transmit } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { driverPrelude, packageFolder, runScript, scriptArguments } from "./support/run-script.ts";

const createDriver = driverMaker();
let folder = "";
let path = "";
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ipcz-"));
  path = join(folder, "socket");
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

interface Accepted {
  readonly transport: IpczDriverHandle;
  readonly peer: PeerCredentials;
}

/** Listens; `next` resolves with the connections, one after the other. */
function accepting(
  driver: PosixDriver,
  at: string,
): { next: () => Promise<Accepted>; close: () => void } {
  const arrived: Accepted[] = [];
  let told = (): void => undefined;
  const listener = driver.listen(at, {}, (transport, peer) => {
    arrived.push({ transport, peer });
    told();
  });
  const next = async (): Promise<Accepted> => {
    if (arrived.length === 0) await new Promise<void>((resolve) => (told = resolve));
    return arrived.shift() as Accepted;
  };
  return { next, close: () => listener.close() };
}

function codeOf(code: string): PosixError {
  return expect.objectContaining({ name: "PosixError", code }) as PosixError;
}

describe("a socket with a name", () => {
  test("connects drivers that know nothing else of each other", async () => {
    const [server, client] = [createDriver(), createDriver()];
    const { next } = accepting(server, path);
    const there = await client.connectTo(path);
    const { transport: here } = await next();
    transmit(client, there, "hello");
    const heard = listen(server, here);
    await heard.last("hello");
    const answered = listen(client, there);
    transmit(server, here, "welcome");
    await answered.last("welcome");
    server.Close(here, 0, null);
    await answered.last("error");
  });

  test("takes many connections at once", async () => {
    const [server, client] = [createDriver(), createDriver()];
    const { next } = accepting(server, path);
    const opened = await Promise.all(Array.from({ length: 100 }, () => client.connectTo(path)));
    for (const _ of opened) server.Close((await next()).transport, 0, null);
    expect(client.liveObjects().transports).toBe(100);
    expect(server.liveObjects().transports).toBe(0);
  });

  test("is this user's alone unless it says otherwise", () => {
    const driver = createDriver();
    const listener = driver.listen(path, {}, () => undefined);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    listener.close();
    driver.listen(path, { mode: 0o666 }, () => undefined);
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  test("leaves no file when it is closed, and takes nobody else's", () => {
    const driver = createDriver();
    const first = driver.listen(path, {}, () => undefined);
    first.close();
    expect(existsSync(path)).toBe(false);
    first.close();
    const second = driver.listen(path, {}, () => undefined);
    rmSync(path);
    writeFileSync(path, "another's");
    second.close();
    expect(existsSync(path)).toBe(true);
    expect(driver.liveObjects().listeners).toBe(0);
  });

  test("is refused where somebody listens, and disturbs nobody", async () => {
    const driver = createDriver();
    const { next } = accepting(driver, path);
    expect(() => driver.listen(path, {}, () => undefined)).toThrow(codeOf("EADDRINUSE"));
    // Looking whether anybody is there was a connection, too.
    await next();
    await driver.connectTo(path);
    await next();
  });

  test("is refused where there is a file of another kind, which stays", () => {
    writeFileSync(path, "precious");
    expect(() => createDriver().listen(path, {}, () => undefined)).toThrow(codeOf("EADDRINUSE"));
    expect(statSync(path).size).toBe(8);
  });

  test("replaces what a killed process has left", async () => {
    const source = `${driverPrelude}
      driver.listen(${JSON.stringify(path)}, {}, () => {});
      process.send("listening");`;
    const child = spawn(process.execPath, scriptArguments(source), {
      cwd: packageFolder,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    children.push(child);
    await new Promise((resolve) => child.once("message", resolve));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    expect(existsSync(path)).toBe(true);
    const [server, client] = [createDriver(), createDriver()];
    const { next } = accepting(server, path);
    await client.connectTo(path);
    await next();
  });

  test("has a path that is not too long, not empty, and without a 0", async () => {
    const driver = createDriver();
    const long = join(folder, "x".repeat(120));
    expect(() => driver.listen(long, {}, () => undefined)).toThrow(codeOf("ENAMETOOLONG"));
    expect(() => driver.listen(long, {}, () => undefined)).toThrow(/at most \d+ bytes/);
    await expect(driver.connectTo(long)).rejects.toEqual(codeOf("ENAMETOOLONG"));
    for (const wrong of ["", `${path}\0`])
      expect(() => driver.listen(wrong, {}, () => undefined)).toThrow(codeOf("EINVAL"));
    expect(() => driver.listen(join(folder, "none", "socket"), {}, () => undefined)).toThrow(
      codeOf("ENOENT"),
    );
  });

  test("cannot be reached when nobody listens, with the reason", async () => {
    const driver = createDriver();
    await expect(driver.connectTo(path)).rejects.toEqual(codeOf("ENOENT"));
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await driver.connectTo(path);
    await new Promise((resolve) => server.close(resolve));
    await expect(driver.connectTo(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(driver.liveObjects().transports).toBe(1);
  });

  test("keeps on after a handler has thrown, which is reported", async () => {
    const driver = createDriver();
    const errors: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => errors.push(error));
    let count = 0;
    const second = new Promise<void>((resolve) => {
      driver.listen(path, {}, (transport) => {
        driver.Close(transport, 0, null);
        count++;
        if (count === 1) throw new Error("the first is not welcome");
        resolve();
      });
    });
    await driver.connectTo(path);
    await driver.connectTo(path);
    await second;
    for (const listener of before) process.on("uncaughtException", listener);
    expect(errors).toEqual([new Error("the first is not welcome")]);
  });
});

describeOnLinux("a socket with a name on Linux", () => {
  test("says who has connected, and who listens", async () => {
    const server = createDriver();
    const { next } = accepting(server, path);
    const source = `${driverPrelude}
      const transport = await driver.connectTo(${JSON.stringify(path)});
      console.log(JSON.stringify(driver.peerCredentials(transport)));
      listen(transport, (flags) => { if (flags === 1) end(transport); });`;
    const child = runScript(source);
    const { transport, peer } = await next();
    expect(peer).toEqual({
      pid: expect.any(Number) as number,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
    });
    expect(peer.pid).not.toBe(process.pid);
    expect(server.peerCredentials(transport)).toEqual(peer);
    server.Close(transport, 0, null);
    const { output, errors } = await child;
    expect(errors).toBe("");
    expect(JSON.parse(output)).toEqual({ ...peer, pid: process.pid });
  });

  test("tells of a pair that it is this process", () => {
    const driver = createDriver();
    const [first] = createPair(driver);
    expect(driver.peerCredentials(first).pid).toBe(process.pid);
    expect(() => driver.peerCredentials(0 as IpczDriverHandle)).toThrow("no transport");
  });

  test("may be abstract: then it has no file", async () => {
    const [server, client] = [createDriver(), createDriver()];
    const name = `\0ipcz-test-${process.pid}-${Date.now()}`;
    const { next, close } = accepting(server, name);
    await client.connectTo(name);
    await next();
    expect(() => server.listen(name, {}, () => undefined)).toThrow(codeOf("EADDRINUSE"));
    close();
    await expect(client.connectTo(name)).rejects.toEqual(codeOf("ECONNREFUSED"));
  });

  test("waits its turn when too many have connected", async () => {
    const [server, client] = [createDriver(), createDriver()];
    let count = 0;
    server.listen(path, { backlog: 1 }, () => count++);
    await Promise.all(Array.from({ length: 20 }, () => client.connectTo(path)));
    while (count < 20) await new Promise((resolve) => setImmediate(resolve));
  });

  const isRoot = process.getuid?.() === 0;
  test.runIf(runsHere(isLinux && !isRoot, "a refusal by permission: root is refused nothing"))(
    "is closed to whom its mode does not admit",
    async () => {
      const driver = createDriver();
      driver.listen(path, {}, () => undefined);
      chmodSync(path, 0);
      await expect(driver.connectTo(path)).rejects.toEqual(codeOf("EACCES"));
    },
  );

  test("leaves no descriptor, however it fails", async () => {
    const driver = createDriver();
    driver.listen(join(folder, "first"), {}, () => undefined).close();
    const before = openDescriptors();
    writeFileSync(path, "in the way");
    expect(() => driver.listen(path, {}, () => undefined)).toThrow(PosixError);
    await expect(driver.connectTo(path)).rejects.toThrow(PosixError);
    await expect(driver.connectTo(join(folder, "none"))).rejects.toThrow(PosixError);
    driver.listen(join(folder, "second"), {}, () => undefined).close();
    expect(openDescriptors()).toEqual(before);
  });
});

describe("what keeps a process alive", () => {
  const other = (what: string): string => `${driverPrelude}
    const [a, b] = createPair();
    listen(a, () => {});
    driver.listen(${JSON.stringify("PATH")}, {}, () => {});
    ${what}
    process.on("exit", () => console.log("left by itself"));`;

  test.each([
    ["before it is there", "driver.keepAlive(false); listen(b, () => {});"],
    ["when it is there", "listen(b, () => {}); driver.keepAlive(false);"],
  ])("is nothing once nothing is wanted to, said %s", async (_when, what) => {
    const { code, output, errors } = await runScript(other(what).replace("PATH", path));
    expect({ code, output, errors }).toEqual({ code: 0, output: "left by itself\n", errors: "" });
  });

  test.each([
    ["a transport", "listen(b, () => {});"],
    ["a listener", `end(a); driver.Close(b, 0, null);`],
    ["both, wanted again", "driver.keepAlive(false); driver.keepAlive(true);"],
  ])("is %s", async (_what, what) => {
    const source = `${other(what).replace("PATH", path)}
      setTimeout(() => { console.log("still here"); driver.dispose(); }, 100).unref();`;
    expect((await runScript(source)).output).toBe("still here\nleft by itself\n");
  });
});
