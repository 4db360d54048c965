/* oxlint-disable unicorn/prefer-add-event-listener -- both ways are tested */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  collect,
  type MessageEventLike,
  next,
  type PortPair,
  portPairs,
} from "../support/ports.ts";

describe.each(portPairs)("a port of a %s", (_name, makePair) => {
  let pair: PortPair;
  const open = (): PortPair => (pair = makePair());
  afterEach(() => pair.close());

  it("delivers messages in order", async () => {
    const { port1, port2 } = open();
    for (let number = 0; number < 1000; number++) port1.postMessage({ number });
    const values = await collect(port2, 1000);
    expect(values).toEqual(Array.from({ length: 1000 }, (_, number) => ({ number })));
  });

  it("gives listeners of each dialect what they expect, in the order in which they came", async () => {
    const { port1, port2 } = open();
    const seen: string[] = [];
    port2.on("message", (value: string) => void seen.push(`on ${value}`));
    port2.addEventListener("message", (event) => {
      seen.push(`event ${String((event as unknown as MessageEventLike).data)}`);
    });
    port2.once("message", (value: string) => void seen.push(`once ${value}`));
    port2.addEventListener("message", { handleEvent: (event) => void seen.push(event.type) });
    port1.postMessage("a");
    port1.postMessage("b");
    await collect(port2, 2);
    expect(seen).toEqual(["on a", "event a", "once a", "message", "on b", "event b", "message"]);
  });

  it("tells what a message event tells", async () => {
    const { port1, port2 } = open();
    const event = new Promise<MessageEventLike>((resolve) => {
      port2.onmessage = resolve;
    });
    port1.postMessage([1]);
    const { data, ports, type, target, origin, lastEventId, source } = await event;
    expect({ data, ports, type, origin, lastEventId, source }).toEqual({
      data: [1],
      ports: [],
      type: "message",
      origin: "",
      lastEventId: "",
      source: null,
    });
    expect(target).toBe(port2);
    expect(await event).toBeInstanceOf(Event);
  });

  it("has one onmessage at a time", async () => {
    const { port1, port2 } = open();
    const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
    port2.onmessage = first;
    expect(port2.onmessage).toBe(first);
    port2.onmessage = second;
    port1.postMessage(1);
    await next(port2);
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
    port2.onmessage = null;
    expect(port2.onmessage).toBeNull();
    expect(port2.listenerCount("message")).toBe(0);
  });

  it("keeps messages until somebody listens", async () => {
    const { port1, port2 } = open();
    port1.postMessage("early");
    await new Promise((resolve) => setImmediate(resolve));
    expect(await next(port2)).toBe("early");
  });

  it("delivers nothing more while nobody listens, if it was never started", async () => {
    const { port1, port2, receive } = open();
    port1.postMessage(1);
    port1.postMessage({ second: 2 });
    await vi.waitFor(() => expect(receive(port2)).toEqual({ message: 1 }));
    await vi.waitFor(() => expect(receive(port2)).toEqual({ message: { second: 2 } }));
    expect(receive(port2)).toBeUndefined();
  });

  it("runs what a listener has put off before the next message", async () => {
    const { port1, port2 } = open();
    const seen: string[] = [];
    port2.on("message", (value: string) => {
      seen.push(value);
      void Promise.resolve().then(() => seen.push(`promise of ${value}`));
    });
    for (const value of ["a", "b", "c"]) port1.postMessage(value);
    await collect(port2, 3);
    expect(seen.filter((each) => each !== "promise of c")).toEqual([
      "a",
      "promise of a",
      "b",
      "promise of b",
      "c",
    ]);
  });

  it("goes on after a listener that throws", async () => {
    const { port1, port2 } = open();
    const uncaught = new Promise((resolve) => process.once("uncaughtException", resolve));
    const listeners = process.listeners("uncaughtException").slice(0, -1);
    for (const listener of listeners) process.off("uncaughtException", listener);
    const thrown = new Error("thrown by a listener");
    port2.addEventListener(
      "message",
      () => {
        throw thrown;
      },
      { once: true },
    );
    const values = collect(port2, 2);
    port1.postMessage(1);
    port1.postMessage(2);
    expect(await uncaught).toBe(thrown);
    for (const listener of listeners) process.on("uncaughtException", listener);
    expect(await values).toEqual([1, 2]);
  });

  it("removes listeners", async () => {
    const { port1, port2 } = open();
    const listener = vi.fn<() => void>();
    port2.on("message", listener);
    port2.off("message", listener);
    port2.addEventListener("message", listener);
    port2.removeEventListener("message", listener);
    port2.on("message", listener);
    port2.addEventListener("message", listener);
    port2.removeAllListeners("message");
    const aborted = new AbortController();
    port2.addEventListener("message", listener, { signal: aborted.signal });
    aborted.abort();
    port2.addEventListener("message", listener, { signal: aborted.signal });
    expect(port2.listenerCount("message")).toBe(0);
    port1.postMessage(1);
    expect(await next(port2)).toBe(1);
    expect(listener).not.toHaveBeenCalled();
  });

  it("calls a listener that was added twice once", async () => {
    const { port1, port2 } = open();
    const listener = vi.fn<() => void>();
    port2.addEventListener("message", listener);
    port2.addEventListener("message", listener);
    port1.postMessage(1);
    await next(port2);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("stops at the listener that wants no others", async () => {
    const { port1, port2 } = open();
    const second = vi.fn<() => void>();
    const first = new Promise<void>((resolve) => {
      port2.addEventListener("message", (event) => {
        event.stopImmediatePropagation();
        resolve();
      });
    });
    port2.addEventListener("message", second);
    port1.postMessage(1);
    await first;
    expect(second).not.toHaveBeenCalled();
  });

  it("keeps the process alive while it has a listener for messages", () => {
    const { port1 } = open();
    const listener = (): void => undefined;
    expect(port1.hasRef?.()).toBe(false);
    port1.on("message", listener);
    expect(port1.hasRef?.()).toBe(true);
    port1.unref();
    expect(port1.hasRef?.()).toBe(false);
    port1.ref();
    expect(port1.hasRef?.()).toBe(true);
    port1.off("message", listener);
    expect(port1.hasRef?.()).toBe(false);
  });

  it("delivers what was posted before it closed, then says that it is closed, on both sides", async () => {
    const { port1, port2 } = open();
    const seen: unknown[] = [];
    const closed = Promise.all([next(port1, "close"), next(port2, "close")]);
    port2.on("message", (value: unknown) => void seen.push(value));
    port2.on("close", () => void seen.push("closed"));
    for (let number = 0; number < 300; number++) port1.postMessage(number);
    port1.close();
    const [event] = await closed;
    expect(event).toMatchObject({ type: "close" });
    expect(seen).toEqual([...Array.from({ length: 300 }, (_, number) => number), "closed"]);
  });

  it("says that it is closed when nobody listens for messages", async () => {
    const { port1, port2 } = open();
    const closed = next(port2, "close");
    port1.close();
    await closed;
  });

  it("calls back when it has closed", async () => {
    const { port1 } = open();
    await new Promise<void>((resolve) => port1.close(resolve));
    port1.close();
  });

  it("drops what is posted when it is closed, or its other end is", async () => {
    const { port1, port2 } = open();
    const closed = next(port2, "close");
    port1.close();
    port1.postMessage("nobody");
    await closed;
    const buffer = new ArrayBuffer(8);
    port2.postMessage(buffer, [buffer]);
    expect(buffer.byteLength).toBe(0);
    expect(() => port2.postMessage(() => 1)).toThrow("could not be cloned");
  });

  it("transfers buffers of any size", async () => {
    const { port1, port2 } = open();
    const [small, large] = [new Uint8Array([1, 2, 3]), new Uint8Array(500_000).fill(5)];
    const view = new Uint8Array(large.buffer, 10, 5);
    port1.postMessage({ small, view, large: large.buffer }, [small.buffer, large.buffer]);
    expect([small.length, large.length, view.length]).toEqual([0, 0, 0]);
    const received = (await next(port2)) as {
      small: Uint8Array;
      view: Uint8Array;
      large: ArrayBuffer;
    };
    expect([...received.small, ...received.view]).toEqual([1, 2, 3, 5, 5, 5, 5, 5]);
    expect(received.view.buffer).toBe(received.large);
    expect(received.large.byteLength).toBe(500_000);
  });

  it("transfers a buffer that is not in the value", async () => {
    const { port1, port2 } = open();
    const buffer = new ArrayBuffer(8);
    port1.postMessage("only text", { transfer: [buffer] });
    expect(buffer.byteLength).toBe(0);
    expect(await next(port2)).toBe("only text");
  });

  it("transfers ports, with the messages that wait in them", async () => {
    const { port1, port2, another } = open();
    const channel = another();
    channel.port1.postMessage("waiting");
    const event = new Promise<MessageEventLike>((resolve) => {
      port2.onmessage = resolve;
    });
    port1.postMessage({ channel: { port: channel.port2 } }, [channel.port2]);
    const { data, ports } = await event;
    const { port } = (data as { channel: { port: PortPair["port1"] } }).channel;
    expect(ports).toEqual([port]);
    expect(port).not.toBe(channel.port2);
    expect(await next(port)).toBe("waiting");
    port.postMessage("answer");
    expect(await next(channel.port1)).toBe("answer");
    port.close();
  });

  it("posts nothing over a port that was transferred", async () => {
    const { port1, port2, another } = open();
    const channel = another();
    port1.postMessage(channel.port2, [channel.port2]);
    channel.port2.postMessage("from nowhere");
    const port = (await next(port2)) as PortPair["port1"];
    port.postMessage("from there");
    expect(await next(channel.port1)).toBe("from there");
    port.close();
  });

  const notTransferable: readonly (readonly [string, (pair: PortPair) => unknown])[] = [
    ["itself", ({ port1 }) => [port1]],
    [
      "a port twice",
      ({ another }) => {
        const { port2 } = another();
        return [port2, port2];
      },
    ],
    [
      "a buffer twice",
      () => {
        const buffer = new ArrayBuffer(8);
        return [buffer, buffer];
      },
    ],
    [
      "a closed port",
      ({ another }) => {
        const { port1 } = another();
        port1.close();
        return [port1];
      },
    ],
    [
      "a transferred port",
      ({ port1, another }) => {
        const { port2 } = another();
        port1.postMessage(null, [port2]);
        return [port2];
      },
    ],
    ["a shared buffer", () => [new SharedArrayBuffer(1)]],
    ["an object", () => [{}]],
    ["a number", () => [1]],
    ["no list", () => 5],
    ["no list in options", () => ({ transfer: 5 })],
  ];

  it.each(notTransferable)(
    "refuses to transfer %s, and nothing is lost",
    async (_what, makeList) => {
      const { port1, port2 } = open();
      const buffer = new ArrayBuffer(8);
      const list = makeList(pair);
      expect(() =>
        port1.postMessage("wrong", Array.isArray(list) ? [buffer, ...(list as unknown[])] : list),
      ).toThrow(Error);
      expect(buffer.byteLength).toBe(8);
      port1.postMessage("right", { transfer: [buffer] });
      port1.postMessage("end");
      const values: unknown[] = [];
      await new Promise<void>((resolve) => {
        port2.on("message", (value: unknown) =>
          value === "end" ? resolve() : void values.push(value),
        );
      });
      expect(values.filter((value) => value !== null)).toEqual(["right"]);
    },
  );

  it("refuses a value that cannot travel, and nothing is transferred", async () => {
    const { port1, port2, another } = open();
    const channel = another();
    const buffer = new ArrayBuffer(8);
    const value = { buffer, port: channel.port2, bad: () => 1 };
    expect(() => port1.postMessage(value, [buffer, channel.port2])).toThrow("could not be cloned");
    expect(() => port1.postMessage({ port: channel.port2 })).toThrow("not listed");
    expect(buffer.byteLength).toBe(8);
    channel.port1.postMessage("still here");
    expect(await next(channel.port2)).toBe("still here");
    port1.postMessage(buffer, [buffer]);
    expect(await next(port2)).toEqual(new ArrayBuffer(8));
  });

  it("wants something to post", () => {
    const { port1 } = open();
    expect(() => (port1.postMessage as () => void)()).toThrow("Not enough arguments");
  });

  it("dispatches events of the program's own", () => {
    const { port1 } = open();
    const seen: unknown[] = [];
    port1.addEventListener("custom", (event) => void seen.push(event.target === port1));
    expect(port1.dispatchEvent(new Event("custom"))).toBe(true);
    port1.on("other", (value: unknown) => void seen.push(value));
    expect(port1.emit("other", 5)).toBe(true);
    expect(seen).toEqual([true, 5]);
  });
});
