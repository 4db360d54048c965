import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { foreign } from "../../src/ffi/koffi.ts";
import { safePoll, type RawPollEvents, type RawPollHandle } from "../../src/ffi/safe-poll.ts";
import { describeOnLinux } from "../support/platform.ts";
import { pollPrelude, runScript } from "../support/run-script.ts";

const libc = foreign.load(null);

function socketPair(): [number, number] {
  const socketpair = libc.bind<(d: number, t: number, p: number, pair: Int32Array) => number>(
    "int socketpair(int domain, int type, int protocol, void *pair)",
  );
  const numbers = new Int32Array(2);
  expect(socketpair(1, 1, 0, numbers)).toBe(0);
  return [numbers[0] as number, numbers[1] as number];
}

/**
 * A worker that has the seam and runs `body`. It does not inherit the loader for TypeScript and registers its own. The
 * main thread must not import the seam, or the backend would stay loaded for that reason.
 */
function workerScript(body: string, afterwards: string): string {
  return `
    import { Worker } from "node:worker_threads";
    const seam = import.meta.resolve("@ipcz/abi/ffi");
    const body = 'import { register } from "' + import.meta.resolve("tsx/esm/api") + '"; register();'
      + ${JSON.stringify(pollPrelude + body)}.replace(/import .* from ".*";/, 'const { foreign } = await import("' + seam + '");');
    const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(body)));
    worker.on("error", (error) => { console.log("error", error.message); process.exit(1); });
    worker.on("exit", () => console.log("ended"));
    ${afterwards}
  `;
}

/** Ends with 3 if it lives until the event, by itself before otherwise. */
function watchingScript(afterwards: string): string {
  return `${pollPrelude}
    const [a, b] = pair();
    const handle = foreign.poll(a, () => process.exit(3));
    handle.watch(readable);
    ${afterwards}
    setTimeout(() => write(b, one, 1), 50).unref();
  `;
}

class FakeHandle implements RawPollHandle {
  readonly calls: string[] = ["open"];
  start(): void {
    this.calls.push("start");
  }
  stop(): void {
    this.calls.push("stop");
  }
  ref(): void {
    this.calls.push("ref");
  }
  unref(): void {
    this.calls.push("unref");
  }
  close(): void {
    this.calls.push("close");
  }
}

const canPoll = runsHere(!isWindows, "polls of descriptors, which nobody uses on Windows");

describe.runIf(canPoll)("poll, over a backend that only notes what it is told", () => {
  test("reaches the backend no more once closed", () => {
    const [first, second] = socketPair();
    const raw = new FakeHandle();
    const handle = safePoll(() => raw, "direct")(first, () => undefined);
    handle.watch({ readable: true, writable: false });
    handle.watch({ readable: true, writable: true });
    handle.stop();
    handle.close();
    handle.watch({ readable: true, writable: false });
    handle.stop();
    handle.ref();
    handle.unref();
    handle.close();
    expect(raw.calls).toEqual(["open", "start", "stop", "close"]);
    closeSync(first);
    closeSync(second);
  });

  test("does not call a listener whose handle is closed", () => {
    const [first, second] = socketPair();
    const events: ((status: number, events: RawPollEvents) => void)[] = [];
    let calls = 0;
    const poll = safePoll((_descriptor, _interest, listener) => {
      events.push(listener);
      return new FakeHandle();
    }, "direct");
    const handle = poll(first, () => calls++);
    handle.watch({ readable: true, writable: false });
    events[0]?.(0, { readable: true, writable: false });
    handle.close();
    events[0]?.(0, { readable: true, writable: false });
    expect(calls).toBe(1);
    closeSync(first);
    closeSync(second);
  });

  test("deferred, calls the listener in the immediate phase, and not when closed by then", async () => {
    const [first, second] = socketPair();
    const events: ((status: number, events: RawPollEvents) => void)[] = [];
    let calls = 0;
    const poll = safePoll((_descriptor, _interest, listener) => {
      events.push(listener);
      return new FakeHandle();
    }, "deferred");
    const handle = poll(first, () => calls++);
    handle.watch({ readable: true, writable: false });
    events[0]?.(0, { readable: true, writable: false });
    expect(calls).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
    events[0]?.(0, { readable: true, writable: false });
    handle.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
    closeSync(first);
    closeSync(second);
  });

  test("applies unref that came before watching", () => {
    const [first, second] = socketPair();
    const raw = new FakeHandle();
    const handle = safePoll(() => raw, "direct")(first, () => undefined);
    handle.unref();
    handle.watch({ readable: true, writable: false });
    expect(raw.calls).toEqual(["open", "unref"]);
    closeSync(first);
    closeSync(second);
  });

  test("refuses a file, a closed descriptor and nonsense before the backend sees them", () => {
    const file = openSync(fileURLToPath(import.meta.url), "r");
    let opened = 0;
    const poll = safePoll(() => {
      opened++;
      return new FakeHandle();
    }, "direct");
    expect(() => poll(file, () => undefined)).toThrow(/files are never polled/);
    closeSync(file);
    expect(() => poll(file, () => undefined)).toThrow(/EBADF/);
    for (const nonsense of [-1, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => poll(nonsense, () => undefined)).toThrow(/descriptor|EBADF|range/);
    }
    expect(opened).toBe(0);
  });

  test("refuses a second handle for a descriptor until the first is closed", () => {
    const [first, second] = socketPair();
    const poll = safePoll(() => new FakeHandle(), "direct");
    const handle = poll(first, () => undefined);
    expect(() => poll(first, () => undefined)).toThrow(/already/);
    handle.close();
    poll(first, () => undefined).close();
    closeSync(first);
    closeSync(second);
  });
});

describeOnLinux("poll, in a process of its own", () => {
  test("does not abort the process for descriptors that cannot be polled", async () => {
    const end = await runScript(`${pollPrelude}
      import { openSync } from "node:fs";
      const memfd = libc.bind("int memfd_create(const char *name, unsigned int flags)");
      const [a, b] = pair();
      foreign.poll(a, () => undefined).watch(readable);
      const bad = [9999, openSync("/dev/null"), openSync("/etc/hostname"), openSync("/"), memfd("m", 1), a, -1];
      for (const fd of bad) {
        try { foreign.poll(fd, () => undefined).watch(readable); console.log("accepted", fd); }
        catch { console.log("refused"); }
      }
      process.exit(0);
    `);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.output.trim().split("\n")).toEqual(Array.from({ length: 7 }, () => "refused"));
  });

  test("polls pipes and event descriptors as well as sockets", async () => {
    const end = await runScript(`${pollPrelude}
      const eventfd = libc.bind("int eventfd(unsigned int start, int flags)");
      const pipe = libc.bind("int pipe2(void *pair, int flags)");
      const ends = new Int32Array(2);
      pipe(ends, 0o2000000 | 0o4000);
      write(ends[1], one, 1);
      for (const [name, fd] of [["event", eventfd(1, 0o2000000)], ["pipe", ends[0]]]) {
        const handle = foreign.poll(fd, () => { console.log(name); handle.close(); });
        handle.watch(readable);
      }
    `);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.output.trim().split("\n").toSorted()).toEqual(["event", "pipe"]);
  });

  test("survives every use of a closed handle", async () => {
    const end = await runScript(`${pollPrelude}
      const [a, b] = pair();
      const handle = foreign.poll(a, () => console.log("called"));
      handle.watch(readable);
      write(b, one, 1);
      handle.close();
      close(a);
      handle.close(); handle.stop(); handle.ref(); handle.unref();
      handle.watch(readable); handle.watch({ readable: false, writable: true });
      setTimeout(() => console.log("alive"), 20);
    `);
    expect(end).toMatchObject({ code: 0, signal: null, output: "alive\n" });
  });

  test("lets a descriptor be closed and its number used again in the same tick", async () => {
    const end = await runScript(`${pollPrelude}
      let events = 0;
      for (let round = 0; round < 200; round++) {
        const [a, b] = pair();
        const unused = foreign.poll(a, () => console.log("event for a closed descriptor"));
        unused.watch(readable);
        unused.close();
        close(a); close(b);
        const [c, d] = pair();
        const handle = foreign.poll(c, () => {
          events++;
          handle.close();
          close(c); close(d);
        });
        handle.watch(readable);
        write(d, one, 1);
        if (c !== a) throw new Error("the number was not used again");
        await new Promise((resolve) => setImmediate(resolve));
      }
      setTimeout(() => console.log(events), 20);
    `);
    expect(end).toMatchObject({ code: 0, signal: null, output: "200\n" });
  });

  test("keeps a handle that nobody refers to", async () => {
    const end = await runScript(
      `${pollPrelude}
      const [a, b] = pair();
      (() => {
        foreign.poll(a, () => { read(a, one, 1); console.log("event"); process.exit(0); }).watch(readable);
      })();
      for (let round = 0; round < 20; round++) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      write(b, one, 1);
    `,
      ["--expose-gc"],
    );
    expect(end).toMatchObject({ code: 0, signal: null, output: "event\n" });
  });

  test("reports an exception as uncaught and goes on polling", async () => {
    const end = await runScript(`${pollPrelude}
      process.on("uncaughtException", (error) => console.log("uncaught", error.message));
      const [a, b] = pair();
      let events = 0;
      const handle = foreign.poll(a, () => {
        read(a, one, 1);
        events++;
        if (events === 3) { handle.close(); console.log("events", events); return; }
        setTimeout(() => write(b, one, 1), 1);
        throw new Error("number " + events);
      });
      handle.watch(readable);
      write(b, one, 1);
    `);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.output).toBe("uncaught number 1\nuncaught number 2\nevents 3\n");
  });

  test("ends the process for an exception that nobody handles", async () => {
    const end = await runScript(`${pollPrelude}
      const [a, b] = pair();
      foreign.poll(a, () => { throw new Error("nobody handles this"); }).watch(readable);
      write(b, one, 1);
    `);
    expect(end.code).toBe(1);
    expect(end.errors).toContain("nobody handles this");
  });

  test("runs promise reactions and ticks after an event, with nothing else to wake the loop", async () => {
    const end = await runScript(`${pollPrelude}
      const [a, b] = pair();
      const log = [];
      const handle = foreign.poll(a, () => {
        read(a, one, 1);
        process.nextTick(() => log.push("tick"));
        wake();
      });
      handle.watch(readable);
      let wake;
      for (let round = 0; round < 3; round++) {
        const woken = new Promise((resolve) => (wake = resolve));
        write(b, one, 1);
        await woken;
        log.push("awaited");
      }
      console.log(log.join(" "));
      handle.close();
    `);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.output).toBe("tick awaited tick awaited tick awaited\n");
  });

  test("keeps the process alive while watching, unless told not to", async () => {
    expect((await runScript(watchingScript(""))).code).toBe(3);
    expect((await runScript(watchingScript("handle.unref();"))).code).toBe(0);
  });

  test.each(["main thread", "worker"])(
    "lets the process end while a watched descriptor is ready (%s)",
    async (place) => {
      const body = `
        const [a, b] = pair();
        process.on("exit", () => write(b, one, 1));
        const handle = foreign.poll(a, () => console.log("called too late"));
        handle.watch(readable);
        handle.unref();
        process.on("exit", () => write(b, one, 1));
      `;
      const end = await runScript(
        place === "worker" ? workerScript(body, "") : `${pollPrelude}${body}`,
      );
      expect(end).toMatchObject({ code: 0, signal: null, errors: "" });
      expect(end.output).not.toContain("too late");
    },
  );

  test.each([
    ["terminated while nothing is ready", "await worker.terminate();"],
    ["told to exit", "worker.postMessage('exit');"],
    ["left to end", "worker.postMessage('unref');"],
  ])("works in a worker, and does not mind how it ends (%s)", async (_name, ending) => {
    const body = `
      const { parentPort } = await import("node:worker_threads");
      const [a, b] = pair();
      const handle = foreign.poll(a, () => { read(a, one, 1); parentPort.postMessage("event"); });
      handle.watch(readable);
      write(b, one, 1);
      parentPort.once("message", (text) => { if (text === "exit") process.exit(); handle.unref(); });
    `;
    const onMessage = `worker.on("message", async (text) => { console.log(text); ${ending} });`;
    const end = await runScript(workerScript(body, onMessage));
    expect(end).toEqual({ code: 0, signal: null, output: "event\nended\n", errors: "" });
  });
});
