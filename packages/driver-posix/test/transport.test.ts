import {
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNIMPLEMENTED,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { describe, expect, test } from "vitest";
import type { PosixDriver } from "../src/index.ts";
import { allocate, createPair, immediate, none, serialize, transmit } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen, Listener } from "./support/listener.ts";

/** Kernel buffers are small here: what several megabytes leave over must wait. */
const createDriver = driverMaker({ socketBufferBytes: 212_992 });

function end(driver: PosixDriver, transport: IpczDriverHandle): void {
  expect(driver.DeactivateTransport(transport, 0, null)).toBe(IPCZ_RESULT_OK);
  expect(driver.Close(transport, 0, null)).toBe(IPCZ_RESULT_OK);
}

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

/** Counts messages of 1 KiB that are not the next by the numbers at both their ends. */
class OrderCheck {
  wrong = 0;
  private next = 0;

  take(bytes: Buffer): void {
    if (bytes.length !== 1024) this.wrong++;
    else if (bytes.readUInt32LE(0) !== this.next || bytes.readUInt32LE(1020) !== this.next) {
      this.wrong++;
    }
    this.next++;
  }
}

describe("floods", () => {
  test("25 000 messages of 1 KiB each way arrive in order", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const count = 25_000;
    const [checkA, checkB] = [new OrderCheck(), new OrderCheck()];
    const atA = listen(driver, a, ({ bytes }) => checkA.take(bytes));
    const atB = listen(driver, b, ({ bytes }) => checkB.take(bytes));
    atA.keep = false;
    atB.keep = false;
    const bytes = Buffer.alloc(1024);
    for (let index = 0; index < count; index++) {
      bytes.writeUInt32LE(index, 0);
      bytes.writeUInt32LE(index, 1020);
      transmit(driver, a, bytes);
      transmit(driver, b, bytes);
    }
    await Promise.all([atA.total(count), atB.total(count)]);
    expect([checkA.wrong, checkB.wrong]).toEqual([0, 0]);
  });

  test("descriptors among 2000 messages stay with their message", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, ({ what, bytes, handles }) => {
      if (what !== "message") return;
      const expected = Number(bytes.toString().split(" ")[1]);
      expect(handles.length).toBe(expected);
      for (const handle of handles) driver.Close(handle, 0, null);
    });
    for (let index = 0; index < 2000; index++) {
      const count = index % 3 === 0 ? 1 + (index % 5) : 0;
      const handles = Array.from({ length: count }, () => {
        return serialize(driver, allocate(driver, 4096)).handles[0] as IpczDriverHandle;
      });
      transmit(driver, a, `${index} ${count} ${"x".repeat(index % 700)}`, handles);
    }
    await atB.total(2000);
    const order = atB.story.map((text) => Number(text.split(" ")[0]));
    expect(order).toEqual(Array.from({ length: 2000 }, (_, index) => index));
    expect(driver.liveObjects().descriptors).toBe(0);
  });

  test("a transport whose peer does not read keeps no other waiting", async () => {
    const driver = createDriver();
    const [stuck] = createPair(driver);
    const [a, b] = createPair(driver);
    listen(driver, stuck);
    const piece = Buffer.alloc(1 << 20);
    for (let index = 0; index < 8; index++) transmit(driver, stuck, piece);
    listen(driver, b, ({ bytes }) => void transmit(driver, b, bytes));
    const atA = listen(driver, a);
    transmit(driver, a, "still here");
    await atA.total(1);
    expect(atA.story).toEqual(["still here"]);
  });
});

describe("the end of the peer", () => {
  test("is one ERROR, after everything it sent", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    for (let index = 0; index < 3; index++) transmit(driver, a, `${index}`);
    driver.Close(a, 0, null);
    const atB = listen(driver, b);
    await atB.last("error");
    expect(atB.story).toEqual(["0", "1", "2", "error"]);
    end(driver, b);
    expect(atB.story).toEqual(["0", "1", "2", "error", "deactivated"]);
  });

  test("noticed while sending is told later, once, after what it had sent before", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    transmit(driver, a, "farewell");
    driver.Close(a, 0, null);
    for (let index = 0; index < 5; index++) {
      expect(transmit(driver, b, "into the void")).toBe(IPCZ_RESULT_OK);
    }
    expect(atB.story).toEqual([]);
    await atB.last("error");
    for (let turn = 0; turn < 5; turn++) await immediate();
    expect(transmit(driver, b, "again")).toBe(IPCZ_RESULT_OK);
    await immediate();
    expect(atB.story).toEqual(["farewell", "error"]);
  });

  test("before activation is told at activation, not from within it", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    driver.Close(a, 0, null);
    transmit(driver, b, "nobody there");
    const atB = listen(driver, b);
    expect(atB.story).toEqual([]);
    await atB.last("error");
    expect(atB.story).toEqual(["error"]);
  });

  test("loses nothing of a large message that was being sent: the rest still goes", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const large = Buffer.alloc(4 << 20, 5);
    transmit(driver, a, large);
    driver.Close(a, 0, null);
    expect(driver.liveObjects()).toMatchObject({ transports: 1, lingering: 1 });
    const atB = listen(driver, b);
    await atB.last("error");
    expect(atB.notifications[0]?.bytes.equals(large)).toBe(true);
    expect(driver.liveObjects()).toMatchObject({ transports: 1, lingering: 0 });
  });

  test("a closed transport without a lingering time drops what waits", async () => {
    const driver = createDriver({ lingerMs: 0 });
    const [a, b] = createPair(driver);
    transmit(driver, a, Buffer.alloc(4 << 20, 5));
    driver.Close(a, 0, null);
    expect(driver.liveObjects().lingering).toBe(0);
    const atB = listen(driver, b);
    await atB.last("error");
    expect(atB.story).toEqual(["error"]);
  });

  test("a lingering transport gives up after its time", async () => {
    const driver = createDriver({ lingerMs: 5 });
    const [a] = createPair(driver);
    transmit(driver, a, Buffer.alloc(4 << 20));
    driver.Close(a, 0, null);
    expect(driver.liveObjects().lingering).toBe(1);
    while (driver.liveObjects().lingering > 0) await immediate();
    expect(driver.liveObjects().transports).toBe(1);
  });

  test("a lingering transport ends when the peer goes", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    transmit(driver, a, Buffer.alloc(4 << 20));
    driver.Close(a, 0, null);
    driver.Close(b, 0, null);
    while (driver.liveObjects().lingering > 0) await immediate();
    expect(driver.liveObjects().transports).toBe(0);
  });
});

describe("a rejected message", () => {
  test("ends the reading with ERROR, in a call of its own", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, ({ bytes }) =>
      bytes.toString() === "bad" ? IPCZ_RESULT_INVALID_ARGUMENT : IPCZ_RESULT_OK,
    );
    for (const word of ["good", "bad", "never seen"]) transmit(driver, a, word);
    await atB.last("error");
    for (let turn = 0; turn < 5; turn++) await immediate();
    expect(atB.story).toEqual(["good", "bad", "error"]);
  });

  test("closes the descriptors of those behind it", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, () => IPCZ_RESULT_INVALID_ARGUMENT);
    transmit(driver, a, "bad");
    transmit(driver, a, "behind", serialize(driver, allocate(driver, 4096)).handles);
    await atB.last("error");
    expect(driver.liveObjects().descriptors).toBe(0);
  });

  test("leaves its own handles to the listener", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, () => IPCZ_RESULT_INVALID_ARGUMENT);
    transmit(driver, a, "bad", serialize(driver, allocate(driver, 4096)).handles);
    await atB.last("error");
    const [handle] = atB.notifications[0]?.handles ?? [];
    expect(driver.liveObjects().descriptors).toBe(1);
    expect(driver.Close(handle ?? none, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  test("is not one answered with UNIMPLEMENTED", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, () => IPCZ_RESULT_UNIMPLEMENTED);
    transmit(driver, a, "one");
    transmit(driver, a, "two");
    await atB.total(2);
    expect(atB.story).toEqual(["one", "two"]);
  });

  test("after deactivation from within the handler makes no ERROR", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, () => {
      driver.DeactivateTransport(b, 0, null);
      return IPCZ_RESULT_INVALID_ARGUMENT;
    });
    transmit(driver, a, "bad");
    await atB.last("deactivated");
    expect(atB.story).toEqual(["bad", "deactivated"]);
  });
});

describe("deactivation", () => {
  test("outside a notification tells DEACTIVATED before it returns", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    const atA = listen(driver, a);
    driver.DeactivateTransport(a, 0, null);
    expect(atA.story).toEqual(["deactivated"]);
    driver.DeactivateTransport(a, 0, null);
    driver.Close(a, 0, null);
    expect(atA.story).toEqual(["deactivated"]);
  });

  test("inside a notification tells it when that has returned, and delivers nothing more", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const during: string[] = [];
    const atB: Listener = listen(driver, b, ({ what }) => {
      if (what !== "message") return;
      driver.DeactivateTransport(b, 0, null);
      during.push(...atB.story);
    });
    transmit(driver, a, "one");
    transmit(driver, a, "two");
    await atB.last("deactivated");
    await immediate();
    expect(during).toEqual(["one"]);
    expect(atB.story).toEqual(["one", "deactivated"]);
  });

  test("from within the ERROR notification follows it", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, ({ what }) => {
      if (what === "error") end(driver, b);
    });
    driver.Close(a, 0, null);
    await atB.last("deactivated");
    expect(atB.story).toEqual(["error", "deactivated"]);
    expect(driver.liveObjects().transports).toBe(0);
  });

  test("by closing from within a message ends everything in order", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const atB = listen(driver, b, ({ what }) => {
      if (what === "message") driver.Close(b, 0, null);
    });
    transmit(driver, a, "one");
    transmit(driver, a, "two");
    await atB.last("deactivated");
    expect(atB.story).toEqual(["one", "deactivated"]);
  });

  test("makes later transmissions harmless: OK, and the handle is closed", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    listen(driver, a);
    driver.DeactivateTransport(a, 0, null);
    const { handles } = serialize(driver, allocate(driver, 4096));
    expect(transmit(driver, a, "dropped", handles)).toBe(IPCZ_RESULT_OK);
    expect(driver.liveObjects().descriptors).toBe(0);
    const atB = listen(driver, b);
    driver.Close(a, 0, null);
    await atB.last("error");
    expect(atB.story).toEqual(["error"]);
  });

  test("still sends what was transmitted before", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    listen(driver, a);
    const large = Buffer.alloc(1 << 20, 3);
    transmit(driver, a, large);
    driver.DeactivateTransport(a, 0, null);
    const atB = listen(driver, b);
    await atB.total(1);
    expect(atB.notifications[0]?.bytes.equals(large)).toBe(true);
  });

  test("of an idle transport tells nobody, and rules out activation", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    expect(driver.DeactivateTransport(a, 0, null)).toBe(IPCZ_RESULT_OK);
    const { handler } = new Listener();
    const again = driver.ActivateTransport(a, 1 as IpczHandle, handler, 0, null);
    expect(again).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
  });
});

describe("activation", () => {
  test("happens once", () => {
    const driver = createDriver();
    const [a] = createPair(driver);
    listen(driver, a);
    const { handler } = new Listener();
    const again = driver.ActivateTransport(a, 1 as IpczHandle, handler, 0, null);
    expect(again).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
  });

  test("hands the listener's number to the handler", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const seen = new Promise((resolve) => {
      const handler = (listener: IpczHandle): number => {
        resolve(listener);
        return IPCZ_RESULT_OK;
      };
      driver.ActivateTransport(b, 4711 as IpczHandle, handler, 0, null);
    });
    transmit(driver, a, "x");
    expect(await seen).toBe(4711);
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
