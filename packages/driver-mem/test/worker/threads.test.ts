/** Transports and memory between real threads, and how the end of a thread is noticed. */
import process from "node:process";
import { Worker } from "node:worker_threads";
import type { IpczDriverHandle } from "@ipcz/api";
import { afterEach, describe, expect, it } from "vitest";
import { createWorkerDriver } from "../../src/worker/driver.ts";
import { workerDriver, type WorkerDriver } from "../../src/worker/index.ts";
import { allocate, listen, send, type Ear } from "../ear.ts";
import { turns } from "./turns.ts";

/** The deeds of `far.mjs`, by number. */
const Deed = { echo: 0, add: 1, hear: 2, speak: 3, die: 4, unref: 5, close: 6 } as const;

const started: Worker[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.terminate()));
});

interface Thread {
  readonly worker: Worker;
  readonly transport: IpczDriverHandle;
  readonly ear: Ear;
  readonly ended: Promise<number>;
  readonly lost: () => void;
}

/** A thread that runs `far.mjs`, or whatever else. */
function start(driver: WorkerDriver, file = "./far.mjs"): Thread {
  const { transport, seat, transferList, lost } = driver.offerSeat();
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { seat },
    transferList,
    execArgv: [],
  });
  worker.on("error", () => {});
  started.push(worker);
  const ended = new Promise<number>((resolve) => worker.once("exit", resolve));
  return { worker, transport, ear: listen(driver, transport), ended, lost };
}

function pack(
  driver: WorkerDriver,
  object: IpczDriverHandle,
  transport: IpczDriverHandle,
): IpczDriverHandle {
  const handles = [0 as IpczDriverHandle];
  const [numBytes, numHandles] = [{ value: 0 }, { value: 1 }];
  driver.Serialize(object, transport, 0, null, null, numBytes, handles, numHandles);
  return handles[0] ?? object;
}

async function finish(driver: WorkerDriver, ...threads: readonly Thread[]): Promise<void> {
  for (const { transport } of threads) driver.Close(transport, 0, null);
  await Promise.all(threads.map(({ ended }) => ended));
  await turns(() => driver.liveObjects().transports === 0);
  expect(driver.liveObjects()).toEqual({ transports: 0, memories: 0, mappings: 0, envelopes: 0 });
}

describe("a transport to another thread", () => {
  it("carries messages both ways, in order, and lets the thread end when it is closed", async () => {
    const ports = portCount();
    const driver = workerDriver();
    const thread = start(driver);
    for (let count = 0; count < 1000; count++) send(driver, thread.transport, Deed.echo);
    await turns(() => thread.ear.heard.length === 1000);
    expect(thread.ear.heard).toEqual(Array.from({ length: 1000 }, () => Deed.echo));
    await finish(driver, thread);
    await turns(() => portCount() <= ports);
    expect(portCount()).toBe(ports);
  });

  it("carries memory that both see at once", async () => {
    const driver = workerDriver();
    const thread = start(driver);
    const memory = allocate(driver);
    const [address, mapping] = [{ value: new Uint8Array(0) }, { value: 0 as IpczDriverHandle }];
    driver.MapSharedMemory(memory, 0, null, address, mapping);
    const word = new Int32Array(address.value.buffer, 0, 1);
    for (let count = 1; count <= 3; count++) {
      const copy = { value: 0 as IpczDriverHandle };
      driver.DuplicateSharedMemory(memory, 0, null, copy);
      send(driver, thread.transport, Deed.add, [pack(driver, copy.value, thread.transport)]);
    }
    await turns(() => thread.ear.heard.length === 3);
    expect([Atomics.load(word, 0), thread.ear.heard.length]).toEqual([3, 3]);
    driver.Close(memory, 0, null);
    driver.Close(mapping.value, 0, null);
    await finish(driver, thread);
  });

  it("connects two other threads with each other", async () => {
    const driver = workerDriver();
    const [speaker, hearer] = [start(driver), start(driver)];
    const [end0, end1] = [{ value: 0 as IpczDriverHandle }, { value: 0 as IpczDriverHandle }];
    driver.CreateTransports(speaker.transport, hearer.transport, 0, null, end0, end1);
    send(driver, hearer.transport, Deed.hear, [pack(driver, end1.value, hearer.transport)]);
    send(driver, speaker.transport, Deed.speak, [pack(driver, end0.value, speaker.transport)]);
    await turns(() => hearer.ear.heard.length === 100);
    expect(hearer.ear.heard).toEqual(Array.from({ length: 100 }, (_, number) => number));
    expect(speaker.ear.heard).toEqual([]);
    await finish(driver, speaker, hearer);
  });

  it("passes a transport on to a third thread, with what waits in it", async () => {
    const driver = workerDriver();
    const [through, hearer] = [start(driver), start(driver)];
    const [end0, end1] = [{ value: 0 as IpczDriverHandle }, { value: 0 as IpczDriverHandle }];
    driver.CreateTransports(through.transport, hearer.transport, 0, null, end0, end1);
    send(driver, end0.value, 1);
    send(driver, through.transport, Deed.echo, [pack(driver, end1.value, through.transport)]);
    send(driver, end0.value, 2);
    await turns(() => through.ear.handles.length === 1);
    const [back = end1.value] = through.ear.handles;
    send(driver, end0.value, 3);
    send(driver, hearer.transport, Deed.hear, [back]);
    send(driver, end0.value, 4);
    await turns(() => hearer.ear.heard.length === 4);
    expect(hearer.ear.heard).toEqual([1, 2, 3, 4]);
    driver.Close(end0.value, 0, null);
    await finish(driver, through, hearer);
  });
});

describe("the end of a thread", () => {
  it("is an ERROR when it is terminated, also for transports it was only sent", async () => {
    const driver = workerDriver();
    const thread = start(driver);
    const [end0, end1] = [{ value: 0 as IpczDriverHandle }, { value: 0 as IpczDriverHandle }];
    driver.CreateTransports(0 as IpczDriverHandle, thread.transport, 0, null, end0, end1);
    const atEnd0 = listen(driver, end0.value);
    send(driver, thread.transport, Deed.hear, [pack(driver, end1.value, thread.transport)]);
    send(driver, thread.transport, Deed.echo);
    await turns(() => thread.ear.heard.length === 1);
    await thread.worker.terminate();
    await turns(() => atEnd0.heard.length > 0 && thread.ear.heard.length > 1);
    expect([thread.ear.heard, atEnd0.heard]).toEqual([[Deed.echo, "ERROR"], ["ERROR"]]);
    driver.Close(end0.value, 0, null);
    await finish(driver, thread);
  });

  it("is an ERROR after everything it sent, when it exits without a goodbye", async () => {
    const driver = workerDriver();
    const thread = start(driver);
    send(driver, thread.transport, Deed.die);
    expect(await thread.ended).toBe(7);
    thread.lost(); // must not get ahead of what is under way
    await turns(() => thread.ear.heard.includes("ERROR"));
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    expect(thread.ear.heard).toEqual([...numbers, "ERROR"]);
    await finish(driver, thread);
  });

  it("is an ERROR when it has never taken its seat", async () => {
    const driver = workerDriver();
    const thread = start(driver, "./no-such-file.mjs");
    send(driver, thread.transport, Deed.echo);
    await turns(() => thread.ear.heard.length > 0);
    expect(thread.ear.heard).toEqual(["ERROR"]);
    await finish(driver, thread);
  });

  it("is noticed at an idle transport too, which still travels and says so where it arrives", async () => {
    const driver = workerDriver();
    const { transport, seat, transferList } = driver.offerSeat();
    const worker = new Worker("", { eval: true, workerData: { seat }, transferList, execArgv: [] });
    await worker.terminate();
    await turns();
    const [a, b] = [{ value: 0 as IpczDriverHandle }, { value: 0 as IpczDriverHandle }];
    driver.CreateTransports(0 as IpczDriverHandle, 0 as IpczDriverHandle, 0, null, a, b);
    const atB = listen(driver, b.value);
    send(driver, a.value, 1, [pack(driver, transport, a.value)]);
    await turns(() => atB.handles.length === 1);
    const arrived = listen(driver, atB.handles[0] ?? transport);
    await turns(() => arrived.heard.length > 0);
    expect([atB.heard, arrived.heard]).toEqual([[1], ["ERROR"]]);
  });

  it("is the owner's to tell where the host says nothing of ports that close", async () => {
    const driver = createWorkerDriver({}, { atPorts: false, byLocks: null });
    const { transport, lost } = driver.offerSeat();
    const ear = listen(driver, transport);
    lost();
    await turns(() => ear.heard.length > 0);
    expect(ear.heard).toEqual(["ERROR"]);
    driver.Close(transport, 0, null);
  });
});

describe("a thread that has nothing to do", () => {
  it("is kept alive by its active transports, and ends when they are let go", async () => {
    const driver = workerDriver();
    const thread = start(driver);
    send(driver, thread.transport, Deed.echo);
    await turns(() => thread.ear.heard.length === 1);
    await turns();
    expect(thread.ear.heard).toEqual([Deed.echo]);
    send(driver, thread.transport, Deed.unref);
    expect(await thread.ended).toBe(0);
    await turns(() => thread.ear.heard.length === 2);
    expect(thread.ear.heard).toEqual([Deed.echo, "ERROR"]);
    await finish(driver, thread);
  });

  it("hears of the end of a transport that the other thread closes", async () => {
    const driver = workerDriver();
    const thread = start(driver);
    send(driver, thread.transport, Deed.close);
    expect(await thread.ended).toBe(0);
    await turns(() => thread.ear.heard.length > 0);
    expect(thread.ear.heard).toEqual(["ERROR"]);
    await finish(driver, thread);
  });
});

/** Ports that this thread listens to. */
function portCount(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "MessagePort").length;
}
