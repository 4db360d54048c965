/**
 * Activation and its end, which the listener is told once: DEACTIVATED is the last it hears.
 */
import { IPCZ_RESULT_FAILED_PRECONDITION, IPCZ_RESULT_OK, type IpczHandle } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { allocate, createPair, end, immediate, serialize, transmit } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen, Listener } from "./support/listener.ts";

/** Kernel buffers are small here: what several megabytes leave over must wait. */
const createDriver = driverMaker({ socketBufferBytes: 212_992 });

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
