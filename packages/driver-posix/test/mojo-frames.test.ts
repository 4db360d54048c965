/**
 * Frames of the mojo format: between drivers, and from a bare socket that writes what it likes.
 */
import { openSync, writeSync } from "node:fs";
import type { IpczDriverHandle } from "@ipcz/api";
import { frameHandlesMax } from "@ipcz/mojo-codec";
import { describe, expect, test } from "vitest";
import { mojoCodec, type PosixDriver } from "../src/index.ts";
import { mojoDescriptorsMax, mojoDescriptorsPerSendMax } from "../src/limits.ts";
import { createPair, immediate, openDescriptors, transmit } from "./support/driver.ts";
import { attackMaker, sendWith } from "./support/attack.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { randomBytes, randomFrom, seeds } from "./support/random.ts";

const createDriver = driverMaker({ codec: "mojo" });
const createAttack = attackMaker(() => createDriver());

interface Header {
  readonly header: number;
  readonly frame: number;
  readonly handles?: number;
}

/** A header of any length that claims what it likes, and bytes behind it. */
function frameOf({ header, frame, handles = 0 }: Header, message = ""): Buffer {
  const bytes = Buffer.alloc(Math.max(header, 8) + message.length);
  bytes.writeUInt16LE(header, 0);
  bytes.writeUInt16LE(handles, 2);
  bytes.writeUInt32LE(frame, 4);
  bytes.write(message, Math.max(header, 8), "latin1");
  return bytes;
}

function honest(message: string, header: number, handles = 0): Buffer {
  return frameOf({ header, frame: header + message.length, handles }, message);
}

describe("frames", () => {
  test("with headers of any length are understood, in one piece and byte by byte", async () => {
    const { listener, attacker } = createAttack();
    const frames = [8, 16, 24, 2000].map((header) => honest(`behind ${header}`, header));
    const empty = honest("", 8);
    writeSync(attacker.number, Buffer.concat([...frames, empty]));
    await listener.total(5);
    for (const frame of [...frames, empty]) {
      for (const byte of frame) {
        writeSync(attacker.number, Uint8Array.of(byte));
        // oxlint-disable-next-line no-await-in-loop -- so that each byte is read alone
        await immediate();
      }
    }
    await listener.total(10);
    const story = ["behind 8", "behind 16", "behind 24", "behind 2000", ""];
    expect(listener.story).toEqual([...story, ...story]);
  });

  test("of both lengths pass between drivers, large and small", async () => {
    const short = mojoCodec({ headers: "short" });
    for (const codecs of [
      ["mojo", short],
      [short, "mojo"],
    ] as const) {
      const [one, two] = codecs.map((codec) => createDriver({ codec })) as [
        PosixDriver,
        PosixDriver,
      ];
      const [a, b] = createPair(one);
      const there = two.transportFromDescriptor(one.releaseDescriptor(b));
      const listener = listen(two, there);
      const large = "x".repeat(100_000);
      for (const text of ["small", large, "", "last"]) transmit(one, a, text);
      // oxlint-disable-next-line no-await-in-loop -- one pair of drivers after the other
      await listener.total(4);
      expect(listener.story).toEqual(["small", large, "", "last"]);
    }
  });
});

describeOnLinux("descriptors", () => {
  test.each([1, 128, 129, 256, 400, mojoDescriptorsMax])(
    "%i of them arrive with their frame, in order, and those around it stay apart",
    async (count) => {
      const one = createDriver();
      const two = createDriver();
      const [a, b] = createPair(one);
      const listener = listen(two, two.transportFromDescriptor(one.releaseDescriptor(b)));
      const wrap = (): IpczDriverHandle => carried(one, openSync("/dev/null", "r"));
      transmit(one, a, "first", [wrap()]);
      transmit(one, a, "many", Array.from({ length: count }, wrap));
      transmit(one, a, "none");
      transmit(one, a, "last", [wrap()]);
      await listener.total(4);
      expect(listener.story).toEqual(["first", "many", "none", "last"]);
      const counts = listener.notifications.map(({ handles }) => handles.length);
      expect(counts).toEqual([1, count, 0, 1]);
      expect(one.liveObjects().descriptors).toBe(0);
    },
  );

  test("too many for a frame end the transport, and are closed", async () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    const listener = listen(driver, a);
    const before = openDescriptors().length;
    const handles = Array.from({ length: mojoDescriptorsMax + 1 }, () =>
      carried(driver, openSync("/dev/null", "r")),
    );
    transmit(driver, a, "too many", handles);
    await listener.last("error");
    expect(openDescriptors().length).toBe(before);
  });

  /** As if serialized. */
  function carried(driver: PosixDriver, descriptor: number): IpczDriverHandle {
    const handles = [0 as IpczDriverHandle];
    const [bytes, count] = [{ value: 16 }, { value: 1 }];
    const object = driver.wrapDescriptor(descriptor);
    driver.Serialize(
      object,
      0 as IpczDriverHandle,
      0,
      null,
      new Uint8Array(16),
      bytes,
      handles,
      count,
    );
    return handles[0] as IpczDriverHandle;
  }
});

describeOnLinux("a hostile peer", () => {
  test.each([
    ["a header of 0 bytes", frameOf({ header: 0, frame: 100 })],
    ["a header of 7 bytes", frameOf({ header: 7, frame: 100 })],
    ["a frame of 0 bytes", frameOf({ header: 8, frame: 0 })],
    ["a frame shorter than its header", frameOf({ header: 16, frame: 15 })],
    ["a header longer than its frame", frameOf({ header: 0xffff, frame: 0xfffe })],
    ["a length above the bound", frameOf({ header: 8, frame: 2 ** 30 + 1 })],
    ["the largest length", frameOf({ header: 8, frame: 0xffff_ffff })],
    [
      "more descriptors than a frame may have",
      frameOf({ header: 8, frame: 8, handles: mojoDescriptorsMax + 1 }),
    ],
    ["the largest count", frameOf({ header: 8, frame: 8, handles: frameHandlesMax })],
    ["a descriptor that does not come", frameOf({ header: 8, frame: 8, handles: 1 })],
    ["a frame of the other format", Buffer.from(Uint32Array.of(16, 0, 1, 2).buffer)],
  ])("gets an ERROR for %s, and no other harm comes of it", async (_name, bytes) => {
    const { driver, listener, attacker } = createAttack();
    writeSync(attacker.number, honest("before", 16));
    writeSync(attacker.number, bytes);
    // The frame of the other format is one of 16 header bytes that waits for more, until the peer goes.
    if (_name.endsWith("format")) attacker.close();
    await listener.last("error");
    expect(listener.story).toEqual(["before", "error"]);
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    transmit(driver, a, "others live");
    await atB.last("others live");
  });

  test.each([
    ["one too many", honest("x", 8), 1],
    ["more than announced", honest("x", 8, 2), 3],
    ["more than one send carries", honest("x", 8, 2), mojoDescriptorsPerSendMax + 1],
    ["as many as the system carries", honest("x", 8, 253), 253],
  ])("leaves no descriptors behind (%s)", async (_name, bytes, count) => {
    const before = openDescriptors().length;
    const { driver, listener, attacker } = createAttack();
    sendWith(attacker, bytes, count);
    await listener.last("error");
    for (const { handles } of listener.notifications) {
      for (const handle of handles) driver.Close(handle, 0, null);
    }
    expect(driver.liveObjects().descriptors).toBe(0);
    attacker.close();
    driver.dispose();
    expect(openDescriptors().length).toBe(before);
  });

  test("that never ends a frame holds as many descriptors as a frame may have, and no more", async () => {
    const { driver, listener, attacker } = createAttack();
    const before = openDescriptors().length;
    const full = mojoDescriptorsMax / mojoDescriptorsPerSendMax;
    sendWith(attacker, frameOf({ header: 8, frame: 1000, handles: mojoDescriptorsMax }), 128);
    for (let sends = 1; sends < full; sends++) sendWith(attacker, Uint8Array.of(1), 128);
    while (openDescriptors().length < before + mojoDescriptorsMax) {
      // oxlint-disable-next-line no-await-in-loop -- turns of the event loop, one after the other
      await immediate();
    }
    sendWith(attacker, Uint8Array.of(1), 1);
    await listener.last("error");
    expect(openDescriptors().length).toBeLessThanOrEqual(before);
    expect(driver.liveObjects().descriptors).toBe(0);
  });

  test("that announces a gigabyte behind a header of 64 KiB costs next to no memory", async () => {
    const attacks = Array.from({ length: 50 }, () => createAttack());
    const before = process.memoryUsage().arrayBuffers;
    const bytes = frameOf({ header: 0xfff8, frame: 2 ** 30 }).subarray(0, 12);
    for (const { attacker } of attacks) writeSync(attacker.number, bytes);
    for (let turn = 0; turn < 5; turn++) await immediate();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  test.each(seeds)("with random bytes gets messages or an ERROR (seed %i)", async (seed) => {
    const random = randomFrom(seed);
    for (let round = 0; round < 30; round++) {
      const { driver, victim, listener, attacker } = createAttack();
      const bytes = randomBytes(random, 8 + random(2000));
      // Two in three start like a frame.
      if (round % 3 > 0) {
        const frame = honest("", 8 * (1 + random(3)), random(3));
        frame.copy(bytes);
        new DataView(bytes.buffer).setUint32(4, 24 + random(bytes.length), true);
      }
      sendWith(attacker, bytes, random(3));
      attacker.close();
      await listener.last("error");
      expect(listener.story.filter((word) => word === "error")).toEqual(["error"]);
      for (const { handles } of listener.notifications) {
        for (const handle of handles) driver.Close(handle, 0, null);
      }
      driver.Close(victim, 0, null);
      expect(driver.liveObjects()).toMatchObject({ transports: 0, descriptors: 0 });
    }
  });
});
