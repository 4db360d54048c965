/**
 * How a connection fails: the peer goes, or a message is rejected. Either is one ERROR, after all that came before it.
 */
import { IPCZ_RESULT_INVALID_ARGUMENT, IPCZ_RESULT_OK, IPCZ_RESULT_UNIMPLEMENTED } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import {
  allocate,
  createPair,
  end,
  immediate,
  none,
  serialize,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";

/** Kernel buffers are small here: what several megabytes leave over must wait. */
const createDriver = driverMaker({ socketBufferBytes: 212_992 });

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
