import { foreign, type Address } from "@ipcz/abi/ffi";
import { describe, expect, test } from "vitest";
import { Chunk, ChunkPool } from "../src/chunk.ts";
import { MessageCopier } from "../src/copy-bytes.ts";
import { Descriptor } from "../src/fd.ts";
import { FrameBuffers } from "../src/frame-buffers.ts";
import type { Libc } from "../src/libc.ts";
import { copiedFrameBytesMax, waitingDescriptorsMax } from "../src/limits.ts";
import { errnos } from "../src/os-error.ts";
import { referenceCodec } from "../src/reference-codec.ts";
import type { SendMessage } from "../src/send-message.ts";
import { FrameWriter } from "../src/write-frames.ts";
import { randomBytes, randomFrom, seeds } from "./support/random.ts";

/** A socket that takes as many bytes as it is told to, and notes what came with which byte. */
class FakeSocket {
  readonly sent: number[] = [];
  /** Offset in the stream and the descriptors sent with that byte. */
  readonly passed: [number, number[]][] = [];
  readonly closed: number[] = [];
  calls = 0;
  /** Bytes the next send takes, or the negative of an error; all by default. */
  next: () => number = () => Infinity;
  private readonly vectors: [Address, number][] = [];

  private readonly libc = {
    close: (fd: number) => this.closed.push(fd),
    owned: { descriptors: 0 },
  } as unknown as Libc;

  descriptor(number: number): Descriptor {
    return new Descriptor(this.libc, number);
  }

  setVector(index: number, address: Address, numBytes: number): void {
    this.vectors[index] = [address, numBytes];
  }

  send(_socket: Descriptor, count: number, descriptors: readonly Descriptor[]): number {
    this.calls++;
    const bytes: number[] = [];
    for (const [address, numBytes] of this.vectors.slice(0, count)) {
      bytes.push(...new Uint8Array(foreign.view(address, numBytes)));
    }
    const taken = Math.min(this.next(), bytes.length);
    if (taken <= 0) return taken === 0 ? -errnos.EAGAIN : taken;
    const numbers = descriptors.map((descriptor) => descriptor.number);
    if (numbers.length > 0) this.passed.push([this.sent.length, numbers]);
    this.sent.push(...bytes.slice(0, taken));
    return taken;
  }
}

function createWriter(socket: FakeSocket): FrameWriter {
  return new FrameWriter(socket.descriptor(1000), {
    codec: referenceCodec,
    message: socket as unknown as SendMessage,
    chunks: new ChunkPool(foreign, new FrameBuffers()),
    copier: new MessageCopier(),
    scratch: new Chunk(foreign, new Uint8Array(8 + copiedFrameBytesMax)),
    shortages: new Set([errnos.ENOBUFS]),
    addressOf: (bytes) => foreign.address(bytes),
  });
}

/** What must be on the wire: frames one behind the other, and the offsets of those with descriptors. */
class Expected {
  readonly bytes: number[] = [];
  readonly passed: [number, number[]][] = [];

  add(data: Uint8Array, numbers: number[]): void {
    if (numbers.length > 0) this.passed.push([this.bytes.length, numbers]);
    const header = Uint32Array.from([data.length + 8, numbers.length]);
    this.bytes.push(...new Uint8Array(header.buffer), ...data);
  }
}

const text = (words: string): Uint8Array => Buffer.from(words);

describe("FrameWriter", () => {
  test("sends a lone frame at once", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    writer.write(text("hello"), 5, []);
    expect(Buffer.from(socket.sent).toString("latin1")).toBe("\r\0\0\0\0\0\0\0hello");
    expect(writer.pending).toBe(false);
  });

  test("sends what follows in the same turn with one call", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    const expected = new Expected();
    for (let index = 0; index < 100; index++) {
      writer.write(text(`message ${index}`), `message ${index}`.length, []);
      expected.add(text(`message ${index}`), []);
    }
    expect(socket.calls).toBe(1);
    writer.endTurn();
    expect(socket.calls).toBe(2);
    expect(socket.sent).toEqual(expected.bytes);
    writer.write(text("next turn"), 9, []);
    expect(socket.calls).toBe(3);
  });

  test("copies: the caller may change its bytes afterwards", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    socket.next = () => 0;
    const bytes = text("before");
    writer.write(bytes, 6, []);
    bytes.fill(0);
    const large = new Uint8Array(copiedFrameBytesMax + 1).fill(7);
    writer.write(large, large.length, []);
    large.fill(0);
    socket.next = () => Infinity;
    writer.flush();
    expect(Buffer.from(socket.sent.slice(8, 14)).toString()).toBe("before");
    expect(socket.sent.slice(22).every((byte) => byte === 7)).toBe(true);
    expect(socket.sent.length).toBe(14 + 8 + large.length);
  });

  test.each([100, copiedFrameBytesMax + 100])(
    "sends every byte once and descriptors with the first, wherever a send stops (%i bytes)",
    (numBytes) => {
      const random = randomFrom(7);
      const data = randomBytes(random, numBytes);
      const stops =
        numBytes < 1000 ? Array.from({ length: 108 }, (_, at) => at) : [0, 1, 7, 8, 9, 5000];
      for (const stop of stops) {
        const socket = new FakeSocket();
        const writer = createWriter(socket);
        const expected = new Expected();
        expected.add(data, [5, 6]);
        expected.add(text("behind"), [7]);
        const steps = [stop, 0, 3, 1];
        socket.next = () => steps.shift() ?? Infinity;
        writer.write(data, numBytes, [socket.descriptor(5), socket.descriptor(6)]);
        writer.write(text("behind"), 6, [socket.descriptor(7)]);
        writer.endTurn();
        while (writer.pending) writer.flush();
        expect(socket.sent).toEqual(expected.bytes);
        expect(socket.passed).toEqual(expected.passed);
        expect(socket.closed).toEqual([5, 6, 7]);
      }
    },
  );

  test.each(seeds)("survives any sequence of partial sends (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    const expected = new Expected();
    socket.next = () => [0, 0, 1, 7, 8, 9, 1000, Infinity][random(8)] as number;
    let number = 5;
    for (let step = 0; step < 300; step++) {
      const numBytes = random(20) === 0 ? copiedFrameBytesMax + random(3) : random(200);
      const data = randomBytes(random, numBytes);
      const numbers = random(4) > 0 ? [] : Array.from({ length: 1 + random(3) }, () => number++);
      expected.add(data, numbers);
      writer.write(
        data,
        numBytes,
        numbers.map((each) => socket.descriptor(each)),
      );
      if (random(5) === 0) writer.endTurn();
      if (random(5) === 0) writer.flush();
    }
    socket.next = () => Infinity;
    while (writer.pending) writer.flush();
    expect(writer.state).toBe("open");
    expect(Buffer.compare(Buffer.from(socket.sent), Buffer.from(expected.bytes))).toBe(0);
    expect(socket.passed).toEqual(expected.passed);
    expect(socket.closed).toEqual(expected.passed.flatMap(([, numbers]) => numbers));
  });

  test("never sends two frames' descriptors with one call", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    socket.next = () => 0;
    for (const number of [5, 6, 7]) writer.write(text("x"), 1, [socket.descriptor(number)]);
    writer.write(text("y"), 1, []);
    socket.next = () => Infinity;
    writer.flush();
    expect(socket.passed).toEqual([
      [0, [5]],
      [9, [6]],
      [18, [7]],
    ]);
    expect(socket.calls).toBe(4);
  });

  test("waits for a moment when the system is short of buffers, and loses nothing", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    socket.next = () => -errnos.ENOBUFS;
    writer.write(text("later"), 5, [socket.descriptor(5)]);
    expect(writer.state).toBe("congested");
    expect(socket.closed).toEqual([]);
    socket.next = () => Infinity;
    writer.flush();
    expect(writer.state).toBe("open");
    expect(socket.passed).toEqual([[0, [5]]]);
    expect(socket.sent.length).toBe(13);
  });

  test("drops what waits when the peer is gone, and everything after, and closes the descriptors", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    socket.next = () => 0;
    writer.write(text("waits"), 5, [socket.descriptor(5)]);
    writer.write(text("waits"), 5, [socket.descriptor(6)]);
    socket.next = () => -errnos.EPIPE;
    writer.flush();
    expect(writer.state).toBe("broken");
    writer.write(text("too late"), 8, [socket.descriptor(7)]);
    writer.flush();
    writer.endTurn();
    expect(writer.state).toBe("broken");
    expect(writer.pending).toBe(false);
    expect(socket.closed).toEqual([5, 6, 7]);
  });

  test("closes the descriptors of a frame that is refused at once", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    socket.next = () => -errnos.EPIPE;
    writer.write(text("nobody"), 6, [socket.descriptor(5)]);
    expect(socket.closed).toEqual([5]);
    expect(writer.state).toBe("broken");
  });

  test("with more descriptors than may wait is broken, and closes them all", () => {
    const socket = new FakeSocket();
    const writer = createWriter(socket);
    const write = (count: number): void => {
      const first = socket.closed.length + waitingDescriptorsMax * 10;
      writer.write(
        new Uint8Array(4),
        4,
        Array.from({ length: count }, (_none, index) => socket.descriptor(first + index)),
      );
    };
    socket.next = () => 0;
    for (let waiting = 0; waiting < waitingDescriptorsMax; waiting += 64) write(64);
    expect([writer.state, socket.closed.length]).toEqual(["blocked", 0]);
    // What has left counts no more.
    socket.next = () => 12;
    writer.flush();
    const gone = socket.closed.length;
    expect(gone).toBeGreaterThanOrEqual(64);
    socket.next = () => 0;
    write(gone);
    expect(writer.state).toBe("blocked");
    write(1);
    expect([writer.state, writer.pending]).toEqual(["broken", false]);
    expect(socket.closed.length).toBe(waitingDescriptorsMax + gone + 1);
  });
});
