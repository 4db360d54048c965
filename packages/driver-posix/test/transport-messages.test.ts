/**
 * What is sent arrives whole, in order and in calls of its own; what cannot be sent is refused, its handles closed.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriverHandle,
} from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { allocate, createPair, immediate, none, serialize, transmit } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";

/** Kernel buffers are small here: what several megabytes leave over must wait. */
const createDriver = driverMaker({ socketBufferBytes: 212_992 });

describe("messages", () => {
  test("arrive whole and in order, both ways at once", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atA = listen(driver, a);
    const atB = listen(driver, b);
    for (const word of ["one", "", "three"]) {
      transmit(driver, a, `a ${word}`);
      transmit(driver, b, `b ${word}`);
    }
    await Promise.all([atA.total(3), atB.total(3)]);
    expect(atA.story).toEqual(["b one", "b ", "b three"]);
    expect(atB.story).toEqual(["a one", "a ", "a three"]);
  });

  test("sent before either end is active are delivered first", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    for (let index = 0; index < 10; index++) transmit(driver, a, `${index}`);
    const atB = listen(driver, b);
    transmit(driver, a, "10");
    await atB.total(11);
    expect(atB.story).toEqual(Array.from({ length: 11 }, (_, index) => `${index}`));
  });

  test("sent before the peer is active wait also when they are more than the socket holds", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const piece = Buffer.alloc(100_000);
    for (let index = 0; index < 40; index++) {
      piece.fill(index);
      expect(transmit(driver, a, piece)).toBe(IPCZ_RESULT_OK);
    }
    piece.fill(0xff);
    await immediate();
    const atB = listen(driver, b);
    await atB.total(40);
    const isWhole = atB.notifications.every(
      ({ bytes }, index) => bytes.length === 100_000 && bytes.every((byte) => byte === index),
    );
    expect(isWhole).toBe(true);
  });

  test("are not delivered on the sender's stack", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    transmit(driver, a, "hello");
    expect(atB.story).toEqual([]);
    await atB.total(1);
    expect(atB.story).toEqual(["hello"]);
  });

  test("with flags 1024 and an options object are taken all the same: ipcz passes neither", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    const options = {} as unknown as null;
    driver.Transmit(a, Buffer.from("odd"), 3, null, 0, 1024, options);
    await atB.total(1);
    expect(atB.story).toEqual(["odd"]);
  });

  test("of numBytes less than the buffer's length are cut to numBytes", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    driver.Transmit(a, Buffer.from("hello world"), 5, null, 0, 0, null);
    driver.Transmit(a, null, 0, null, 0, 0, null);
    await atB.total(2);
    expect(atB.story).toEqual(["hello", ""]);
  });

  test("answered from within the handler reach the other side (1000 round trips)", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    listen(driver, b, ({ bytes }) => void transmit(driver, b, bytes));
    const atA = listen(driver, a, ({ bytes }) => {
      const number = Number(bytes.toString());
      if (number < 1000) transmit(driver, a, `${number + 1}`);
    });
    transmit(driver, a, "1");
    await atA.total(1000);
    expect(atA.story.at(-1)).toBe("1000");
  });
});

describe("what cannot be sent", () => {
  test("a message too long for a frame breaks the connection, with an ERROR from the event loop", async () => {
    const driver = createDriver({ frameBytesMax: 1000 });
    const [a, b] = createPair(driver);
    const atA = listen(driver, a);
    expect(transmit(driver, a, Buffer.alloc(992))).toBe(IPCZ_RESULT_OK);
    expect(transmit(driver, a, Buffer.alloc(993))).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect(atA.story).toEqual([]);
    await atA.last("error");
    expect(driver.liveObjects()).toMatchObject({ transports: 2 });
    driver.Close(b, 0, null);
  });

  test("so do more than 64 handles, which are closed; 64 are fine", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atA = listen(driver, a);
    const atB = listen(driver, b);
    const carried = (count: number): IpczDriverHandle[] =>
      Array.from(
        { length: count },
        () => serialize(driver, allocate(driver, 1)).handles[0] ?? none,
      );
    expect(transmit(driver, a, "fine", carried(64))).toBe(IPCZ_RESULT_OK);
    await atB.total(1);
    expect(atB.notifications[0]?.handles.length).toBe(64);
    expect(transmit(driver, a, "too many", carried(65))).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect(driver.liveObjects().descriptors).toBe(64);
    await atA.last("error");
  });

  test("bad arguments are refused, and take their handles along", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    const bytes = new Uint8Array(4);
    const bad: [IpczDriverHandle, Uint8Array | null, number][] = [
      [none, bytes, 4],
      [(a + 1000) as IpczDriverHandle, bytes, 4],
      [allocate(driver, 1), bytes, 4],
      [a, bytes, 5],
      [a, bytes, -1],
      [a, bytes, Number.NaN],
      [a, null, 1],
    ];
    for (const [transport, data, numBytes] of bad) {
      const { handles } = serialize(driver, allocate(driver, 4096));
      const result = driver.Transmit(transport, data, numBytes, handles, 1, 0, null);
      expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
      expect(driver.liveObjects().descriptors).toBe(0);
    }
  });

  test("a handle that is no carried descriptor, or named twice, is refused with all the others", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    const one = serialize(driver, allocate(driver, 1)).handles;
    const memory = allocate(driver, 1);
    expect(transmit(driver, a, "x", [...one, memory])).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    const two = serialize(driver, allocate(driver, 1)).handles;
    expect(transmit(driver, a, "x", [...two, ...two])).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.liveObjects()).toMatchObject({ descriptors: 0, memories: 0 });
  });
});
