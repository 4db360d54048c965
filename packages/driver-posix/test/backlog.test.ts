import { IPCZ_RESULT_OK, IPCZ_RESULT_RESOURCE_EXHAUSTED } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { createPair, immediate, transmit } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";

const backlogBytesMax = 1_000_000;
const createDriver = driverMaker({ socketBufferBytes: 212_992, backlogBytesMax });
const piece = Buffer.alloc(100_000);

describe("the backlog of a transport", () => {
  test("counts each byte until it has left, headers included", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    transmit(driver, a, "first, which leaves at once");
    for (let count = 1; count <= 3; count++) {
      transmit(driver, a, Buffer.alloc(100));
      expect(driver.backlog.GetTransportBacklog(a)).toBe(count * 108);
    }
    await immediate();
    expect(driver.backlog.GetTransportBacklog(a)).toBe(0);
    expect(driver.backlog.GetTransportBacklog(b)).toBe(0);
  });

  test("past its bound ends the transport, and nothing else of the driver", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const [c, d] = createPair(driver);
    const atA = listen(driver, a);
    let told = 0;
    while (driver.backlog.GetTransportBacklog(a) <= backlogBytesMax)
      expect(transmit(driver, a, piece)).toBe(IPCZ_RESULT_OK);
    driver.backlog.WatchTransportBacklog(a, 0, () => told++);
    expect(transmit(driver, a, "one too many")).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect(driver.backlog.GetTransportBacklog(a)).toBe(0);
    await atA.last("error");
    await immediate();
    expect(told).toBe(1);
    const atD = listen(driver, d);
    expect(transmit(driver, c, "unharmed")).toBe(IPCZ_RESULT_OK);
    await atD.total(1);
    expect(atD.story).toEqual(["unharmed"]);
    driver.Close(b, 0, null);
  });

  test("takes one message of any length as long as it is within its bound", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    const large = Buffer.alloc(3 * backlogBytesMax, 7);
    expect(transmit(driver, a, large)).toBe(IPCZ_RESULT_OK);
    const atB = listen(driver, b);
    await atB.total(1);
    expect(atB.notifications[0]?.bytes.equals(large)).toBe(true);
  });

  test("is told to who waits also when its handler throws in front", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    for (let index = 0; index < 10; index++) transmit(driver, a, piece);
    const reported = new Promise((resolve) => process.once("uncaughtException", resolve));
    driver.backlog.WatchTransportBacklog(a, 0, () => {
      throw new Error("of the application");
    });
    const told = new Promise<void>((resolve) => {
      driver.backlog.WatchTransportBacklog(a, 0, resolve);
    });
    listen(driver, b);
    await told;
    expect(await reported).toMatchObject({ message: "of the application" });
  });

  test("of a closed transport is told when the rest has been sent", async () => {
    const driver = createDriver();
    const [a, b] = createPair(driver);
    for (let index = 0; index < 10; index++) transmit(driver, a, piece);
    const told = new Promise<void>((resolve) => {
      driver.backlog.WatchTransportBacklog(a, 0, resolve);
    });
    driver.Close(a, 0, null);
    const atB = listen(driver, b);
    await told;
    await atB.total(10);
    expect(driver.liveObjects().lingering).toBe(0);
  });
});
