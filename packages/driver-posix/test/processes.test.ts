import { IPCZ_RESULT_RESOURCE_EXHAUSTED, type IpczDriverHandle } from "@ipcz/api";
import { afterEach, describe, expect, test } from "vitest";
import type { ChildProcess } from "node:child_process";
import type { PosixDriver } from "../src/index.ts";
import {
  allocate,
  cell,
  createPair,
  immediate,
  mapMemory,
  openDescriptors,
  serialize,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen, type Listener } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { driverPrelude, packageFolder, runScript, scriptArguments } from "./support/run-script.ts";

const children: ChildProcess[] = [];
const createDriver = driverMaker();

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.length = 0;
});

interface Started {
  readonly driver: PosixDriver;
  readonly child: ChildProcess;
  readonly transport: IpczDriverHandle;
  readonly listener: Listener;
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
}

/** Starts a script that has a driver and `transport`, its end of a connection to us. */
function start(source: string): Started {
  const driver = createDriver();
  const script = `${driverPrelude}\nconst transport = driver.inheritedTransport();\n${source}`;
  const { child, transport } = driver.spawnWithTransport(
    process.execPath,
    scriptArguments(script),
    { cwd: packageFolder, stdio: ["ignore", "inherit", "inherit"] },
  );
  children.push(child);
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once("exit", (code, signal) => resolve([code, signal]));
  });
  return { driver, child, transport, listener: listen(driver, transport), ended };
}

describeOnLinux("a child process", () => {
  test("gets a transport, answers, and ends when we close", async () => {
    const { driver, transport, listener, ended } = start(`
      listen(transport, (flags, data) => {
        if (flags === 0) transmit(transport, "echo " + Buffer.from(data).toString());
        if (flags === 1) end(transport);
      });
    `);
    transmit(driver, transport, "hello");
    await listener.total(1);
    expect(listener.story).toEqual(["echo hello"]);
    driver.Close(transport, 0, null);
    expect(await ended).toEqual([0, null]);
  });

  test("keeps nothing of ours but its end", async () => {
    const driver = createDriver();
    const [a, b] = [allocate(driver, 8), allocate(driver, 8)];
    expect(openDescriptors().filter((line) => line.includes("/ipcz/mem")).length).toBe(2);
    const { transport, child } = driver.spawnWithTransport("/bin/sh", [
      "-c",
      "ls -l /proc/self/fd",
    ]);
    children.push(child);
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    await new Promise((resolve) => child.once("close", resolve));
    expect(output.match(/socket:/g)?.length).toBeGreaterThanOrEqual(1);
    expect(output).toMatch(/ 3 -> socket:/);
    expect(output).not.toMatch(/ipcz/);
    expect(output).not.toMatch(/ [4-9] -> socket:/);
    for (const handle of [a, b, transport]) driver.Close(handle, 0, null);
  });

  test("need not be Node: it is told the number of its descriptor", async () => {
    const driver = createDriver();
    const frame = String.raw`\020\000\000\000\000\000\000\000from sh!`;
    const { child, transport } = driver.spawnWithTransport("/bin/sh", [
      "-c",
      `eval "printf '${frame}' >&$IPCZ_TRANSPORT_FD"`,
    ]);
    children.push(child);
    const listener = listen(driver, transport);
    await listener.last("error");
    expect(listener.story).toEqual(["from sh!", "error"]);
  });

  test("finds its end behind the stdio it was given, and does not pass the number on", async () => {
    const driver = createDriver();
    const script = `${driverPrelude}
      import { spawnSync } from "node:child_process";
      const number = process.env.IPCZ_TRANSPORT_FD;
      const transport = driver.inheritedTransport();
      const grandchild = spawnSync("/bin/sh", ["-c", "echo [$IPCZ_TRANSPORT_FD]"], { encoding: "utf8" });
      transmit(transport, number + " " + grandchild.stdout.trim() + " " + process.env.EXTRA);
      end(transport);
    `;
    const { child, transport } = driver.spawnWithTransport(
      process.execPath,
      scriptArguments(script),
      {
        cwd: packageFolder,
        stdio: ["ignore", "inherit", "inherit", "ignore", "ignore"],
        env: { ...process.env, EXTRA: "kept" },
      },
    );
    children.push(child);
    const listener = listen(driver, transport);
    await listener.last("error");
    expect(listener.story).toEqual(["5 [] kept", "error"]);
  });

  test("finds its end where it is told, with what lies between closed", async () => {
    const driver = createDriver();
    const { child, transport } = driver.spawnWithTransport(
      "/bin/sh",
      ["-c", "ls -l /proc/$$/fd; echo $IPCZ_TRANSPORT_FD"],
      { stdio: ["ignore", "pipe", "inherit", "ignore"], transportDescriptor: 6 },
    );
    children.push(child);
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    await new Promise((resolve) => child.once("close", resolve));
    expect(output).toMatch(/ 6 -> socket:/);
    expect(output).not.toMatch(/ [457-9] ->/);
    expect(output).toMatch(/^6$/m);
    driver.Close(transport, 0, null);
    for (const taken of [2, 3, 1.5]) {
      const stdio: "ignore"[] = ["ignore", "ignore", "ignore", "ignore"];
      expect(() =>
        driver.spawnWithTransport("/bin/sh", [], { stdio, transportDescriptor: taken }),
      ).toThrow("taken by stdio");
    }
  });

  test("that cannot be started ends in ERROR", async () => {
    const driver = createDriver();
    const { child, transport } = driver.spawnWithTransport("/no/such/program");
    const failed = new Promise((resolve) => child.once("error", resolve));
    const listener = listen(driver, transport);
    await listener.last("error");
    expect(await failed).toMatchObject({ code: "ENOENT" });
  });

  test("that spawn refuses leaves nothing open", () => {
    const driver = createDriver();
    const before = openDescriptors().length;
    expect(() => driver.spawnWithTransport("")).toThrow(/argument/);
    expect(openDescriptors().length).toBe(before);
    expect(driver.liveObjects().transports).toBe(0);
  });
});

describeOnLinux("inheritedTransport", () => {
  const VARIABLE = "IPCZ_TRANSPORT_FD";
  afterEach(() => {
    delete process.env[VARIABLE];
  });

  test("says what is missing when this process was not started with one", () => {
    const driver = createDriver();
    expect(() => driver.inheritedTransport()).toThrow(/IPCZ_TRANSPORT_FD is not set/);
  });

  test.each([
    ["words", "is not a number"],
    ["99999", "EBADF"],
    ["1", "a standard stream"],
  ])("refuses %s with a clear reason", (value, reason) => {
    process.env[VARIABLE] = value;
    expect(() => createDriver().inheritedTransport()).toThrow(reason);
    expect(process.env[VARIABLE], "it is not taken").toBe(value);
  });

  test("gives the end that this process was started with, once", async () => {
    const [parent, driver] = [createDriver(), createDriver()];
    const [a, b] = createPair(parent);
    process.env[VARIABLE] = String(parent.releaseDescriptor(b));
    const inherited = driver.inheritedTransport();
    transmit(parent, a, "hello");
    const listener = listen(driver, inherited);
    await listener.total(1);
    expect(listener.story).toEqual(["hello"]);
    expect(() => driver.inheritedTransport()).toThrow(/IPCZ_TRANSPORT_FD is not set/);
  });
});

describeOnLinux("two processes", () => {
  test("count together in shared memory, and no step is lost", async () => {
    const steps = 200_000;
    const { driver, transport, listener } = start(`
      listen(transport, (flags, data, handles) => {
        if (flags !== 0) return void (flags === 1 && end(transport));
        const memory = cell();
        driver.Deserialize(data, data.length, handles, handles.length, transport, 0, null, memory);
        const [address, mapping] = [{ value: null }, cell()];
        driver.MapSharedMemory(memory.value, 0, null, address, mapping);
        const words = new Int32Array(address.value.buffer);
        const long = new BigInt64Array(address.value.buffer, 64, 1);
        Atomics.store(words, 1, 1);
        while (Atomics.load(words, 2) === 0);
        for (let step = 0; step < ${steps}; step++) { Atomics.add(words, 0, 1); Atomics.add(long, 0, 1n << 33n); }
        transmit(transport, "done");
      });
    `);
    const memory = allocate(driver, 4096);
    const copy = cell();
    driver.DuplicateSharedMemory(memory, 0, null, copy);
    const { bytes } = mapMemory(driver, memory);
    const words = new Int32Array(bytes.buffer);
    const long = new BigInt64Array(bytes.buffer, 64, 1);
    const serialized = serialize(driver, copy.value, transport);
    transmit(driver, transport, serialized.bytes, serialized.handles);
    while (Atomics.load(words, 1) === 0) await immediate();
    Atomics.store(words, 2, 1);
    for (let step = 0; step < steps; step++) {
      Atomics.add(words, 0, 1);
      Atomics.add(long, 0, 1n << 33n);
    }
    await listener.last("done");
    expect(Atomics.load(words, 0)).toBe(2 * steps);
    expect(Atomics.load(long, 0)).toBe(BigInt(2 * steps) << 33n);
  });

  test("hand a transport on, which then connects them directly", async () => {
    const { driver, transport, listener } = start(`
      listen(transport, (flags, data, handles) => {
        if (flags !== 0) return void (flags === 1 && end(transport));
        const object = cell();
        driver.Deserialize(data, data.length, handles, handles.length, transport, 0, null, object);
        listen(object.value, (flags, data) => {
          if (flags === 0) transmit(object.value, "directly: " + Buffer.from(data).toString());
          if (flags === 1) { end(object.value); transmit(transport, "that end is closed"); }
        });
      });
    `);
    const [ours, theirs] = [cell(), cell()];
    driver.CreateTransports(transport, transport, 0, null, ours, theirs);
    transmit(driver, ours.value, "early");
    const serialized = serialize(driver, theirs.value, transport);
    transmit(driver, transport, serialized.bytes, serialized.handles);
    const atOurs = listen(driver, ours.value);
    transmit(driver, ours.value, "late");
    await atOurs.total(2);
    expect(atOurs.story).toEqual(["directly: early", "directly: late"]);
    driver.Close(ours.value, 0, null);
    await listener.total(1);
    expect(listener.story).toEqual(["that end is closed"]);
  });

  test("exchange 20 MiB each way at once", async () => {
    const { driver, transport, listener } = start(`
      const piece = Buffer.alloc(1 << 20);
      for (let index = 0; index < 20; index++) { piece.fill(index); transmit(transport, piece); }
      let received = 0;
      listen(transport, (flags, data) => {
        if (flags === 1) return void end(transport);
        if (flags !== 0) return;
        if (!data.every((byte) => byte === received)) process.exit(5);
        if (++received === 20) transmit(transport, "all here");
      });
    `);
    const piece = Buffer.alloc(1 << 20);
    for (let index = 0; index < 20; index++) transmit(driver, transport, piece.fill(index));
    await listener.last("all here");
    const large = listener.notifications.filter(({ bytes }) => bytes.length === 1 << 20);
    expect(large.length).toBe(20);
    expect(large.every(({ bytes }, index) => bytes.every((byte) => byte === index))).toBe(true);
  });

  test("one of them killed is one ERROR for the other, after what it had sent", async () => {
    const { driver, child, transport, listener, ended } = start(`
      transmit(transport, "ready");
      setInterval(() => undefined, 1000);
    `);
    await listener.last("ready");
    // Unread data in the dead peer's queue makes the system answer differently.
    transmit(driver, transport, Buffer.alloc(5000));
    child.kill("SIGKILL");
    await listener.last("error");
    expect(await ended).toEqual([null, "SIGKILL"]);
    transmit(driver, transport, "into the void");
    await immediate();
    await immediate();
    expect(listener.story).toEqual(["ready", "error"]);
  });

  test("one of them killed in the middle of a large message does not stop the other", async () => {
    const { driver, child, transport, listener } = start(`
      transmit(transport, "ready");
      transmit(transport, Buffer.alloc(8 << 20));
      setInterval(() => undefined, 1000);
    `);
    await listener.last("ready");
    for (let index = 0; index < 8; index++) transmit(driver, transport, Buffer.alloc(1 << 20));
    child.kill("SIGKILL");
    await listener.last("error");
    expect(listener.story.filter((word) => word === "error")).toEqual(["error"]);
    driver.Close(transport, 0, null);
    expect(driver.liveObjects()).toMatchObject({ transports: 0, lingering: 0 });
  });
});

/** Ends with 3 if it lives until a message comes, by itself before otherwise. */
function waiting(afterwards: string): string {
  return `${driverPrelude}
    const [a, b] = createPair();
    listen(b, () => process.exit(3));
    ${afterwards}
    setTimeout(() => transmit(a, "late"), 60).unref();
  `;
}

describe("the event loop", () => {
  test("is kept alive by an active transport, unless told otherwise", async () => {
    const option = waiting("").replace("posixDriver()", "posixDriver({ ref: false })");
    const scripts = ["", "driver.unref(b);", "driver.unref(b); driver.ref(b);"].map(waiting);
    const ends = await Promise.all([...scripts, option].map((script) => runScript(script)));
    expect(ends.map(({ code }) => code)).toEqual([3, 0, 3, 0]);
  });

  test("is not kept alive by idle or deactivated transports", async () => {
    const end = await runScript(`${driverPrelude}
      const [a, b] = createPair();
      createPair();
      listen(a, () => undefined);
      driver.DeactivateTransport(a, 0, null);
      console.log("end");
    `);
    expect(end).toEqual({ code: 0, signal: null, output: "end\n", errors: "" });
  });

  test("wakes an await for a message with nothing else going on", async () => {
    const end = await runScript(`${driverPrelude}
      const [a, b] = createPair();
      let wake;
      listen(b, (flags, data) => { if (flags === 0) wake(Buffer.from(data).toString()); });
      for (let round = 0; round < 3; round++) {
        const message = new Promise((resolve) => (wake = resolve));
        transmit(a, "number " + round);
        console.log(await message);
      }
      end(b);
    `);
    expect(end.output).toBe("number 0\nnumber 1\nnumber 2\n");
    expect(end.code).toBe(0);
  });

  test("sends what was transmitted last, although the process ends by itself", async () => {
    const { listener, ended } = start(`
      for (let index = 0; index < 100; index++) transmit(transport, "message " + index);
      transmit(transport, Buffer.alloc(3 << 20));
      driver.Close(transport, 0, null);
    `);
    await listener.last("error");
    expect(await ended).toEqual([0, null]);
    expect(listener.notifications.length).toBe(102);
    expect(listener.notifications[100]?.bytes.length).toBe(3 << 20);
  });

  test("is not needed for the last messages of a process that exits at once", async () => {
    const { listener, ended } = start(`
      for (const word of ["one", "two", "three"]) transmit(transport, word);
      process.on("exit", () => { for (const word of ["four", "five"]) transmit(transport, word); });
      process.exit(0);
    `);
    await listener.last("error");
    expect(await ended).toEqual([0, null]);
    expect(listener.story).toEqual(["one", "two", "three", "four", "five", "error"]);
  });

  test("may end while messages keep coming in for an unreferenced transport", async () => {
    const end = await runScript(`${driverPrelude}
      const [a, b] = createPair();
      listen(b, () => undefined);
      driver.unref(b);
      process.on("exit", () => transmit(a, "too late"));
    `);
    expect(end).toEqual({ code: 0, signal: null, output: "", errors: "" });
  });

  test("reports a handler's exception as uncaught, and that transport is over", async () => {
    const end = await runScript(`${driverPrelude}
      process.on("uncaughtException", (error) => console.log("uncaught", error.message));
      const [a, b] = createPair();
      const [c, d] = createPair();
      listen(b, (flags) => {
        console.log("flags", flags);
        if (flags === 0) throw new Error("from the handler");
        if (flags === 1) transmit(c, "still working");
      });
      listen(d, (flags, data) => {
        if (flags === 0) { console.log(Buffer.from(data).toString()); driver.dispose(); }
      });
      transmit(a, "one");
      transmit(a, "two");
    `);
    expect(end.errors).toBe("");
    expect(end.output.trim().split("\n")).toEqual([
      "flags 0",
      "flags 1",
      "uncaught from the handler",
      "still working",
      "flags 2",
    ]);
  });
});

describeOnLinux("a process out of descriptors", () => {
  test("gets a result for it, and closes a connection whose descriptors it cannot take", async () => {
    const end = await runScript(`${driverPrelude}
      import { foreign } from "@ipcz/abi/ffi";
      const getrlimit = foreign.load(null).bind("int getrlimit(int what, void *limit)");
      const setrlimit = foreign.load(null).bind("int setrlimit(int what, void *limit)");
      const [a, b] = createPair();
      const memory = cell();
      driver.AllocateSharedMemory(4096, 0, null, memory);
      const handles = [0];
      driver.Serialize(memory.value, 0, 0, null, new Uint8Array(8), { value: 8 }, handles, { value: 1 });
      transmit(a, "with a descriptor", handles);
      listen(b, (flags) => { console.log("flags", flags); if (flags === 1) end(b); });
      const limit = new BigUint64Array(2);
      getrlimit(7, limit);
      limit[0] = 0n;
      if (setrlimit(7, limit) !== 0) throw new Error("no limit");
      console.log(driver.AllocateSharedMemory(8, 0, null, cell()), driver.CreateTransports(0, 0, 0, null, cell(), cell()));
    `);
    const exhausted = IPCZ_RESULT_RESOURCE_EXHAUSTED;
    expect(end.output).toBe(`${exhausted} ${exhausted}\nflags 1\nflags 2\n`);
    expect(end).toMatchObject({ code: 0, signal: null });
  });
});

describeOnLinux("a worker", () => {
  test("has a driver of its own, and can talk to another thread over a socket", async () => {
    const end = await runScript(`${driverPrelude}
      import { Worker } from "node:worker_threads";
      const [a, b] = createPair();
      const body = \`
        import { register } from "\${import.meta.resolve("tsx/esm/api")}"; register();
        const { posixDriver } = await import("\${new URL("src/index.ts", "file://" + process.cwd() + "/").href}");
        import { workerData } from "node:worker_threads";
        const driver = posixDriver();
        const transport = driver.transportFromDescriptor(workerData);
        driver.ActivateTransport(transport, 1, (_l, data, n, _h, _nh, flags) => {
          if (flags === 0) driver.Transmit(transport, data, n, null, 0, 0, null);
          if (flags === 1) driver.dispose();
          return 0;
        }, 0, null);
      \`;
      const url = new URL("data:text/javascript," + encodeURIComponent(body));
      const worker = new Worker(url, { workerData: driver.releaseDescriptor(b) });
      worker.on("exit", (code) => console.log("worker ended", code));
      worker.on("error", (error) => console.log(error.message));
      listen(a, (flags, data) => {
        if (flags === 0) { console.log(Buffer.from(data).toString()); end(a); }
      });
      transmit(a, "there and back");
    `);
    expect(end).toEqual({
      code: 0,
      signal: null,
      output: "there and back\nworker ended 0\n",
      errors: "",
    });
  });
});
