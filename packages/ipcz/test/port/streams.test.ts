import { describe, expect, it } from "vitest";
import type { PortalPort } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { links, type Network } from "../support/networks.ts";
import { next, usePorts } from "../support/ports.ts";

expectNothingLeftOver();

describe.each(links)("a web stream sent over %s", (_name, makeLink) => {
  let network: Network;
  let near: PortalPort;
  let far: PortalPort;
  usePorts(makeLink, (ports) => ({ network, near, far } = ports));

  async function send<Stream extends object>(stream: Stream): Promise<Stream> {
    near.postMessage({ stream }, [stream]);
    return ((await next(far)) as { stream: Stream }).stream;
  }

  /** Time enough for whatever is on its way to arrive. */
  async function roundTrips(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      near.postMessage("there");
      await next(far);
      far.postMessage("back");
      await next(near);
    }
  }

  function counting(count: number, log: { made: number } = { made: 0 }): ReadableStream<unknown> {
    return new ReadableStream({
      pull: (controller) => {
        if (log.made === count) controller.close();
        else controller.enqueue({ number: log.made++ });
      },
    });
  }

  async function numbers(stream: ReadableStream<unknown>): Promise<number[]> {
    const found: number[] = [];
    for await (const chunk of stream) found.push((chunk as { number: number }).number);
    return found;
  }

  it("is read to its end (readable)", async () => {
    const source = counting(500);
    const stream = await send(source);
    expect(source.locked).toBe(true);
    expect(await numbers(stream)).toEqual(Array.from({ length: 500 }, (_, number) => number));
  });

  it("is not read faster than it is there (readable)", async () => {
    const log = { made: 0 };
    const stream = await send(counting(1_000_000, log));
    const reader = stream.getReader();
    for (let count = 0; count < 100; count++) await reader.read();
    await roundTrips(20);
    expect(log.made).toBeLessThan(200);
    await reader.cancel();
  });

  it("is cancelled at its source (readable)", async () => {
    const cancelled = new Promise((resolve) => {
      void send(new ReadableStream({ cancel: resolve })).then((stream) => stream.cancel("enough"));
    });
    expect(await cancelled).toBe("enough");
  });

  it("fails as its source does (readable)", async () => {
    const stream = await send(
      new ReadableStream({ pull: (controller) => controller.error(new RangeError("broken")) }),
    );
    await expect(stream.getReader().read()).rejects.toMatchObject({
      name: "RangeError",
      message: "broken",
    });
  });

  it("fails when a chunk cannot travel (readable)", async () => {
    const cancelled = new Promise((resolve) => {
      const source = new ReadableStream({
        start: (controller) => controller.enqueue(() => 1),
        cancel: resolve,
      });
      void send(source).then((stream) =>
        stream
          .getReader()
          .read()
          .catch(() => undefined),
      );
    });
    expect(await cancelled).toMatchObject({ name: "DataCloneError" });
  });

  it("fails when the process at its source is gone (readable)", async () => {
    const stream = await send(new ReadableStream());
    const read = stream.getReader().read();
    network.broker.close();
    await expect(read).rejects.toThrow("is gone");
  });

  it("takes what is written, in order (writable)", async () => {
    const written: unknown[] = [];
    const closed = new Promise<void>((resolve) => {
      const target = new WritableStream({
        write: (chunk) => void written.push(chunk),
        close: resolve,
      });
      const write = async (stream: WritableStream<number>): Promise<void> => {
        const writer = stream.getWriter();
        for (let number = 0; number < 200; number++) await writer.write(number);
        await writer.close();
      };
      void send(target).then(write);
    });
    await closed;
    expect(written).toEqual(Array.from({ length: 200 }, (_, number) => number));
  });

  it("holds writers back while its target is slow (writable)", async () => {
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const stream = await send(new WritableStream({ write: () => held }));
    const writer = stream.getWriter();
    let written = 0;
    const writes = Array.from({ length: 200 }, async () => {
      await writer.write(1);
      written++;
    });
    await roundTrips(20);
    expect(written).toBeLessThan(100);
    release?.();
    await Promise.all(writes);
    await writer.close();
  });

  it("fails as its target does (writable)", async () => {
    const stream = await send(
      new WritableStream({
        write: () => {
          throw new Error("full");
        },
      }),
    );
    const writer = stream.getWriter();
    await writer.write(1);
    await expect(writer.closed).rejects.toThrow("full");
  });

  it("aborts its target (writable)", async () => {
    const aborted = new Promise((resolve) => {
      const target = new WritableStream({ abort: resolve });
      void send(target).then((stream) => stream.abort(new Error("never mind")));
    });
    expect(await aborted).toMatchObject({ message: "never mind" });
  });

  it("transforms there and back (transform)", async () => {
    const { readable, writable } = await send(
      new TransformStream<number, number>({
        transform: (chunk, controller) => controller.enqueue(chunk * 2),
      }),
    );
    const writer = writable.getWriter();
    const reader = readable.getReader();
    for (let number = 0; number < 50; number++) {
      await writer.write(number);
      expect(await reader.read()).toEqual({ done: false, value: number * 2 });
    }
    await writer.close();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });

  it("is refused while it is locked", () => {
    const stream = new ReadableStream();
    stream.getReader();
    expect(() => near.postMessage(stream, [stream])).toThrow("is locked");
  });
});
