import { foreign } from "@ipcz/abi/ffi";
import { writeSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { closeAll, Descriptor } from "../src/fd.ts";
import { readBytes, readsMax } from "../src/limits.ts";
import { FrameBuffers } from "../src/frame-buffers.ts";
import { PartialFrame } from "../src/partial-frame.ts";
import { GatheredMessages } from "../src/gathered-messages.ts";
import type { FrameSink } from "../src/frame-sink.ts";
import { FrameReader, type ReadOutcome } from "../src/read-frames.ts";
import { ReceiveMessage } from "../src/receive-message.ts";
import { referenceCodec } from "../src/reference-codec.ts";
import { SendMessage } from "../src/send-message.ts";
import { createSocketPair } from "../src/socket-pair.ts";
import { openSystem } from "../src/system.ts";
import { randomBytes, randomFrom, seeds } from "./support/random.ts";

const system = openSystem(foreign);
const opened: Descriptor[] = [];

afterEach(() => {
  closeAll(opened);
  opened.length = 0;
});

/** A reader on one end of a pair whose other end writes what a test likes. */
class Bench {
  readonly messages: Buffer[] = [];
  readonly counts: number[] = [];
  readonly reader: FrameReader;
  readonly partial: PartialFrame = new PartialFrame(foreign, new FrameBuffers());
  readonly peer: Descriptor;
  /** Lengths of the messages of each batch. */
  readonly batches: number[][] = [];
  goOn = true;
  goOnAfter = true;
  onMessage: () => void = () => undefined;

  constructor(frameBytesMax = 2 ** 30) {
    const pair = createSocketPair(system, 212_992);
    if (typeof pair === "number") throw new Error("no pair");
    opened.push(...pair);
    this.peer = pair[1];
    const bytes = new Uint8Array(readBytes);
    const supplies = {
      codec: referenceCodec,
      frameBytesMax,
      message: new ReceiveMessage(system, referenceCodec.descriptorsMax),
      bytes,
      view: new DataView(bytes.buffer),
      address: foreign.address(bytes),
      gathered: new GatheredMessages(readBytes / referenceCodec.headerBytesMin),
    };
    const sink: FrameSink = {
      beginBatch: () => void this.batches.push([]),
      accept: (buffer, start, end, descriptors) => {
        const message = buffer.subarray(start, end);
        this.messages.push(Buffer.from(message));
        this.batches.at(-1)?.push(message.length);
        this.counts.push(descriptors.length);
        closeAll(descriptors);
        this.onMessage();
        return this.goOn;
      },
      acceptAll: (buffer, spans, count) => {
        for (let index = 0; index < count; index++) {
          const [start = 0, numBytes = 0] = spans.subarray(2 * index);
          if (!sink.accept(buffer, start, start + numBytes, [])) return false;
        }
        return true;
      },
      endBatch: () => this.goOnAfter,
    };
    this.reader = new FrameReader(pair[0], supplies, this.partial, sink);
  }

  write(bytes: Uint8Array): void {
    expect(writeSync(this.peer.number, bytes)).toBe(bytes.length);
  }

  /** Writes bytes with `count` descriptors beside the first. */
  writeWith(bytes: Uint8Array, count: number): void {
    const descriptors = Array.from({ length: count }, () => {
      const copy = new Descriptor(system.libc, system.platform.duplicate(this.peer.number));
      opened.push(copy);
      return copy;
    });
    const message = new SendMessage(system, 1, 253);
    message.setVector(0, foreign.address(bytes), bytes.length);
    expect(message.send(this.peer, 1, descriptors)).toBe(bytes.length);
    closeAll(descriptors);
  }

  read(): ReadOutcome {
    return this.reader.read();
  }
}

function frame(data: Uint8Array, count = 0): Buffer {
  const header = new Uint8Array(Uint32Array.from([data.length + 8, count]).buffer);
  return Buffer.concat([header, data]);
}

const word = (text: string): Buffer => frame(Buffer.from(text));

describe("FrameReader", () => {
  test("hands on whole frames, and says when the socket is empty and when it has ended", () => {
    const bench = new Bench();
    bench.write(Buffer.concat([word("one"), word(""), word("three")]));
    expect(bench.read()).toBe("drained");
    expect(bench.messages.map(String)).toEqual(["one", "", "three"]);
    expect(bench.read()).toBe("drained");
    bench.write(word("last"));
    bench.peer.close();
    expect(bench.read()).toBe("drained");
    expect(bench.read()).toBe("ended");
    expect(bench.messages.length).toBe(4);
  });

  test("brackets what one read has brought, and stops when that is not wanted any more", () => {
    const bench = new Bench();
    bench.write(Buffer.concat([word("one"), word("three"), word("cut").subarray(0, 4)]));
    bench.read();
    bench.write(word("cut").subarray(4));
    bench.write(word("four"));
    bench.goOnAfter = false;
    expect(bench.read()).toBe("stopped");
    expect(bench.batches).toEqual([
      [3, 5],
      [3, 4],
    ]);
  });

  test("puts frames together that arrive byte by byte", () => {
    const bench = new Bench();
    const stream = Buffer.concat([word("ab"), word(""), word("cde")]);
    for (const byte of stream) {
      bench.write(Uint8Array.from([byte]));
      expect(bench.read()).toBe("drained");
    }
    expect(bench.messages.map(String)).toEqual(["ab", "", "cde"]);
  });

  test("cuts at every place give the same frames", () => {
    const stream = Buffer.concat([word("first"), word("second one"), word("3")]);
    for (let cut = 1; cut < stream.length; cut++) {
      const bench = new Bench();
      bench.write(stream.subarray(0, cut));
      bench.read();
      bench.write(stream.subarray(cut));
      bench.read();
      expect(bench.messages.map(String)).toEqual(["first", "second one", "3"]);
    }
  });

  test.each(seeds)("random frames cut at random places arrive as they were (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const bench = new Bench();
    const sent: Buffer[] = [];
    const sizes = [0, 1, 8, 100, 1000, 5000, readBytes - 8, readBytes, readBytes + 5, 300_000];
    for (let index = 0; index < 60; index++) {
      sent.push(Buffer.from(randomBytes(random, sizes[random(sizes.length)] as number)));
    }
    const stream = Buffer.concat(sent.map((data) => frame(data)));
    for (let at = 0; at < stream.length;) {
      const step = Math.min(1 + random(random(2) === 0 ? 50 : 90_000), stream.length - at);
      bench.write(stream.subarray(at, at + step));
      at += step;
      while (bench.read() === "more");
    }
    expect(bench.messages.length).toBe(sent.length);
    expect(sent.every((data, index) => data.equals(bench.messages[index] as Buffer))).toBe(true);
  });

  test("gives others their turn while a peer sends without end", () => {
    const bench = new Bench();
    const piece = frame(new Uint8Array(readBytes - 8));
    for (let index = 0; index < 2; index++) bench.write(piece);
    // For each message taken there comes another: the socket is never empty.
    bench.onMessage = () => bench.write(piece);
    expect(bench.read()).toBe("more");
    expect(bench.read()).toBe("more");
    bench.onMessage = () => undefined;
    while (bench.read() === "more");
    expect(bench.messages.length).toBe(2 * readsMax + 2);
  });

  test("a claimed length costs no memory before the bytes arrive", () => {
    const bench = new Bench();
    bench.write(new Uint8Array(Uint32Array.from([2 ** 30, 0]).buffer));
    expect(bench.read()).toBe("drained");
    expect(bench.partial.bytes.length).toBeLessThanOrEqual(1024);
    bench.write(new Uint8Array(100_000));
    bench.read();
    expect(bench.partial.bytes.length).toBeLessThanOrEqual(2 * 100_008);
  });

  test.each([
    ["a length of 0", [0, 0]],
    ["a length below the header's", [7, 0]],
    ["65 descriptors", [100, 65]],
    ["a length above the bound", [1001, 0]],
  ])("%s ends the reading", (_name, header) => {
    const bench = new Bench(1000);
    bench.write(word("honest"));
    bench.write(new Uint8Array(Uint32Array.from(header).buffer));
    expect(bench.read()).toBe("broken");
    expect(bench.messages.map(String)).toEqual(["honest"]);
  });

  test("such a header is refused as well when it arrives in pieces", () => {
    const bench = new Bench();
    bench.write(Uint8Array.from([7, 0, 0]));
    expect(bench.read()).toBe("drained");
    bench.write(Uint8Array.from([0, 0, 0, 0, 0]));
    expect(bench.read()).toBe("broken");
  });

  test("a frame exactly at the bound is fine", () => {
    const bench = new Bench(1000);
    bench.write(frame(new Uint8Array(992)));
    expect(bench.read()).toBe("drained");
    expect(bench.messages.length).toBe(1);
  });

  test("descriptors stay with their frame, also when frames around it have none", () => {
    const bench = new Bench();
    bench.write(word("before"));
    bench.writeWith(frame(Buffer.from("with two"), 2), 2);
    bench.write(word("between"));
    bench.writeWith(frame(Buffer.from("with 64"), 64), 64);
    bench.write(word("behind"));
    for (let reads = 0; reads < 6; reads++) bench.read();
    expect(bench.messages.map(String)).toEqual([
      "before",
      "with two",
      "between",
      "with 64",
      "behind",
    ]);
    expect(bench.counts).toEqual([0, 2, 0, 64, 0]);
  });

  test("descriptors wait for the rest of their frame", () => {
    const bench = new Bench();
    const whole = frame(Buffer.from("with one"), 1);
    bench.writeWith(whole.subarray(0, 3), 1);
    expect(bench.read()).toBe("drained");
    bench.write(whole.subarray(3, 10));
    expect(bench.read()).toBe("drained");
    bench.write(whole.subarray(10));
    expect(bench.read()).toBe("drained");
    expect(bench.counts).toEqual([1]);
  });

  test.each([
    ["announced and not sent", 1, 0],
    ["announced, and fewer sent", 3, 2],
    ["sent and not announced", 0, 1],
    ["announced, and more sent", 2, 3],
    ["more than the control buffer holds", 64, 65],
    ["as many as the system carries", 64, 253],
  ])("descriptors %s end the reading", (_name, announced, sent) => {
    const bench = new Bench();
    const bytes = frame(Buffer.from("liar"), announced);
    if (sent > 0) bench.writeWith(bytes, sent);
    else bench.write(bytes);
    expect(bench.read()).toBe("broken");
    bench.reader.discard();
  });

  test("stops when the sink says so", () => {
    const bench = new Bench();
    bench.goOn = false;
    bench.write(Buffer.concat([word("one"), word("two")]));
    expect(bench.read()).toBe("stopped");
    expect(bench.messages.map(String)).toEqual(["one"]);
  });
});

describe("PartialFrame", () => {
  test("copies each byte a bounded number of times, however finely a frame is cut", () => {
    const partial = new PartialFrame(foreign, new FrameBuffers());
    partial.reset(8);
    const piece = new Uint8Array(64);
    partial.append(piece, 0, 8);
    partial.need = 4 * 1024 * 1024;
    partial.headerKnown = true;
    const sizes = new Map<Uint8Array, number>();
    let worst = 0;
    while (!partial.full) {
      partial.append(piece, 0, 64);
      sizes.set(partial.bytes, partial.bytes.length);
      worst = Math.max(worst, partial.bytes.length / Math.max(partial.have, 512));
    }
    expect(worst).toBeLessThanOrEqual(2);
    // Doubling from 1 KiB to 4 MiB.
    expect(sizes.size).toBeLessThanOrEqual(13);
  });

  test("lets go of a large buffer, and keeps a small one", () => {
    const partial = new PartialFrame(foreign, new FrameBuffers());
    partial.reset(8);
    partial.need = 1_000_000;
    partial.append(new Uint8Array(1_000_000), 0, 1_000_000);
    partial.reset(8);
    expect(partial.bytes.length).toBe(0);
    partial.append(new Uint8Array(4), 0, 4);
    partial.reset(8);
    expect(partial.bytes.length).toBe(1024);
  });
});
