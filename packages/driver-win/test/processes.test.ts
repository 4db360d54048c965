/**
 * Real processes on a real system (or Wine): what is sent between them, what they may claim, and that their end leaves
 * nothing behind. The handles of this process are counted as the system tells.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { IPCZ_RESULT_OK, type IpczDriverHandle } from "@ipcz/api";
import { afterEach, describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../tools/conformance/src/runs-here.ts";
import { openHandlesByKind } from "../../../tools/conformance/src/table/windows-handles.ts";
import { winDriver, type SpawnedWithTransport } from "../src/index.ts";
import { createPipePair } from "../src/pipe-pair.ts";
import { openSystem } from "../src/win32/open-system.ts";
import { listen, memory, pack, send, sendObject, unpack, until, view } from "./support/network.ts";
import type { Heard, Holder } from "./support/network.ts";

const fixture = fileURLToPath(new URL("fixtures/child.mjs", import.meta.url));
const isHere = runsHere(isWindows, "processes with handles, which need Windows");

interface Started extends SpawnedWithTransport {
  readonly heard: Heard;
  readonly ended: Promise<unknown>;
}

const here: Holder = { driver: winDriverOrNone() };
const started: Started[] = [];

function winDriverOrNone(): Holder["driver"] {
  return (isHere ? winDriver() : {}) as Holder["driver"];
}

/** A child that has joined. */
async function start(): Promise<Started> {
  const spawned = here.driver.spawnWithTransport(process.execPath, [fixture], { stdio: "ignore" });
  const ended = new Promise((resolve) => spawned.child.once("exit", resolve));
  const child = { ...spawned, ended, heard: listen(here, spawned.transport) };
  started.push(child);
  await until(() => child.heard.messages.length > 0);
  return child;
}

function say({ transport }: Started, words: string): void {
  expect(send(here, transport, new TextEncoder().encode(words))).toBe(IPCZ_RESULT_OK);
}

async function answer({ heard }: Started, index: number): Promise<Uint8Array | undefined> {
  await until(() => heard.messages.length > index);
  return heard.messages[index];
}

function close(...handles: (IpczDriverHandle | null)[]): void {
  for (const handle of handles) if (handle !== null) here.driver.Close(handle, 0, null);
}

/** All children are gone, and the runtime has let go of their processes. */
async function quiet(): Promise<void> {
  for (const { child, ended, transport } of started.splice(0)) {
    child.kill();
    // oxlint-disable-next-line no-await-in-loop -- all of them
    await ended;
    close(transport);
  }
}

describe.runIf(isHere)("a started process", () => {
  afterEach(quiet);

  it("joins by its last argument, which it does not see, and is known by its number", async () => {
    const child = await start();
    const words = new TextDecoder().decode(child.heard.messages[0]);
    expect(words).toBe(`ready ${child.child.pid} 2`);
    expect(here.driver.peerCredentials(child.transport).pid).toBe(child.child.pid);
  });

  it("gets memory and sends it back, and both see the same bytes", async () => {
    const child = await start();
    const sent = memory(here, 1, 100_000);
    const bytes = view(here, sent);
    sendObject(here, sent, child.transport);
    const back = unpack(here, await answer(child, 1), child.transport);
    if (back === null) throw new Error("nothing came back");
    bytes[99_999] = 77;
    expect(view(here, back)[99_999]).toBe(77);
    close(back);
  });

  it("gets one end of a pair, and passes it back", async () => {
    const child = await start();
    const cells = [{ value: 0 as IpczDriverHandle }, { value: 0 as IpczDriverHandle }] as const;
    here.driver.CreateTransports(cells[0].value, cells[1].value, 0, null, ...cells);
    sendObject(here, cells[0].value, child.transport);
    const back = unpack(here, await answer(child, 1), child.transport);
    if (back === null) throw new Error("nothing came back");
    const heard = listen(here, back);
    send(here, cells[1].value, new Uint8Array([1, 2]));
    await until(() => heard.messages.length === 1);
    expect(heard.messages[0]).toEqual(new Uint8Array([1, 2]));
    close(back, cells[1].value);
  });

  it("gets a file, and sends it back open", async () => {
    const child = await start();
    const own = openSync(fixture, "r");
    const file = here.driver.wrapDescriptor(here.driver.copyDescriptor(own));
    closeSync(own);
    expect(here.driver.isWrappedDescriptor(file)).toBe(true);
    sendObject(here, file, child.transport);
    const back = unpack(here, await answer(child, 1), child.transport);
    if (back === null) throw new Error("nothing came back");
    const descriptor = here.driver.releaseDescriptor(back);
    expect(readFileSync(descriptor, "utf8")).toBe(readFileSync(fixture, "utf8"));
    closeSync(descriptor);
    expect(() => here.driver.copyDescriptor(descriptor)).toThrow(/EBADF/);
  });

  it("is told of as gone when it is killed, and objects for it are refused", async () => {
    const child = await start();
    child.child.kill();
    await until(() => child.heard.flags.length > 0);
    await child.ended;
    const kept = memory(here);
    expect(pack(here, kept, child.transport)).not.toBeInstanceOf(Uint8Array);
    expect(view(here, kept)[0]).toBe(1);
    close(kept);
  });

  it("has a handle that was put there, until it is closed from here", async () => {
    const child = await start();
    const system = openSystem();
    const power = system.openProcess(child.child.pid ?? 0);
    const given = system.giveHandle(power, power);
    say(child, `has ${given}`);
    expect(new TextDecoder().decode(await answer(child, 1))).toBe("yes");
    system.closeHandleIn(given, power);
    say(child, `has ${given}`);
    expect(new TextDecoder().decode(await answer(child, 2))).toBe("no");
    system.closeHandle(power);
  });

  it("holds nobody up who takes handles from it when it is killed", async () => {
    const system = openSystem();
    const killer = await start();
    for (let round = 0; round < 4; round++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const child = await start();
      const power = system.openProcess(child.child.pid ?? 0);
      const given = Array.from({ length: 300 }, () => system.giveHandle(power, power));
      say(killer, `kill ${child.child.pid}`);
      // oxlint-disable-next-line no-await-in-loop -- it is told now, and kills while we take them
      await new Promise((resolve) => setImmediate(resolve));
      const taken = given.map((value) => system.takeHandle(value, power));
      for (const value of taken) if (value > 0) system.closeHandle(value);
      // oxlint-disable-next-line no-await-in-loop -- it is gone
      await child.ended;
      expect(system.takeHandle(given[0] ?? 0, power)).toBeLessThan(0);
      system.closeHandle(power);
    }
  });

  it("cannot name handles of ours, nor what it does not have", async () => {
    const child = await start();
    const kept = memory(here, 9);
    const value = here.driver.handleOf(kept);
    const claims = [
      `${value} recipient`,
      "4096000 sender",
      "2 sender",
      "18446744073709551615 sender",
    ];
    for (const [index, claim] of claims.entries()) {
      say(child, `forge ${claim}`);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(unpack(here, await answer(child, index + 1), child.transport)).toBeNull();
    }
    expect(view(here, kept)[0]).toBe(9);
    close(kept);
  });

  it("leaves no handle behind, however it ends", async () => {
    await start();
    await quiet();
    const before = openHandlesByKind();
    for (const ending of ["kill", "exit", "hold"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const child = await start();
      // oxlint-disable-next-line no-await-in-loop -- it comes back
      close(await carryBack(child));
      if (ending === "exit") sendObject(here, memory(here), child.transport);
      if (ending === "kill") child.child.kill();
      else say(child, ending);
      // oxlint-disable-next-line no-await-in-loop -- until it is gone
      if (ending !== "hold") await child.ended;
      else await answer(child, 2);
      // oxlint-disable-next-line no-await-in-loop -- and closed
      await quiet();
    }
    await until(() => JSON.stringify(openHandlesByKind()) === JSON.stringify(before));
    const { retired: _retired, ...counts } = here.driver.liveObjects();
    expect(Object.entries(counts).filter(([, count]) => count !== 0)).toEqual([]);
  });
});

describe.runIf(isHere)("a pipe", () => {
  it("gives what has come and was not read, past the runtime", async () => {
    const system = openSystem();
    const ends = createPipePair(system);
    if (typeof ends === "number") throw new Error(`createPipePair answered ${ends}`);
    const events = { data: () => {}, end: () => {}, broken: () => {} };
    const [from, to] = ends.map((end) => system.openStream(end.release(), events));
    if (typeof from !== "object" || typeof to !== "object") throw new Error("no stream");
    expect(to.rest()).toEqual(new Uint8Array(0));
    const bytes = new Uint8Array(3000).fill(7);
    await new Promise<void>((resolve) => {
      from.write([bytes], resolve);
    });
    expect(to.rest()).toEqual(bytes);
    expect(to.rest()).toEqual(new Uint8Array(0));
    from.close();
    to.close();
  });
});

async function carryBack(child: Started): Promise<IpczDriverHandle | null> {
  sendObject(here, memory(here), child.transport);
  return unpack(here, await answer(child, 1), child.transport);
}
