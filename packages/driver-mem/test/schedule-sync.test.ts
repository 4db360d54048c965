import { IPCZ_RESULT_INVALID_ARGUMENT, IPCZ_RESULT_OK } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { memDriver } from "../src/index.ts";
import { listen, send } from "./ear.ts";

describe("synchronous schedule", () => {
  it("delivers within Transmit, and what waited within ActivateTransport", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    send(driver, a, 0);
    const ear = listen(driver, b);
    expect(ear.heard).toEqual([0]);
    send(driver, a, 1);
    expect(ear.heard).toEqual([0, 1]);
  });

  it("queues what would nest until the outer call has returned", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    const log: string[] = [];
    listen(driver, a, (number) => {
      send(driver, a, number + 10);
      return IPCZ_RESULT_OK;
    });
    listen(driver, b, (number) => {
      log.push(`begin ${number}`);
      if (number < 10) send(driver, b, number); // comes back from a, plus 10
      log.push(`end ${number}`);
      return IPCZ_RESULT_OK;
    });
    send(driver, a, 1);
    expect(log).toEqual(["begin 1", "end 1", "begin 11", "end 11"]);
  });

  it("says DEACTIVATED within DeactivateTransport, and ERROR within the peer's Close", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    const ear = listen(driver, b);
    driver.Close(a, 0, null);
    expect(ear.heard).toEqual(["ERROR"]);
    driver.DeactivateTransport(b, 0, null);
    expect(ear.heard).toEqual(["ERROR", "DEACTIVATED"]);
  });

  it("says DEACTIVATED after the handler that asked for it", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    const lengths: number[] = [];
    const ear = listen(driver, b, () => {
      driver.DeactivateTransport(b, 0, null);
      lengths.push(ear.heard.length);
      return IPCZ_RESULT_OK;
    });
    send(driver, a, 1);
    expect([ear.heard, lengths]).toEqual([[1, "DEACTIVATED"], [1]]);
  });

  it("says ERROR and DEACTIVATED within ActivateTransport when the peer has closed, and drops what waited", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    send(driver, a, 0);
    driver.Close(a, 0, null);
    expect(listen(driver, b).heard).toEqual(["ERROR", "DEACTIVATED"]);
  });

  it("says only ERROR after a refusal: deactivation is left to the listener", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    const ear = listen(driver, b, () => IPCZ_RESULT_INVALID_ARGUMENT);
    send(driver, a, 0);
    send(driver, a, 1);
    expect(ear.heard).toEqual([0, "ERROR"]);
    driver.DeactivateTransport(b, 0, null);
    expect(ear.heard).toEqual([0, "ERROR", "DEACTIVATED"]);
  });

  it("delivers the rest after a handler that threw", () => {
    const driver = memDriver({ schedule: "sync" });
    const [a, b] = driver.createTransports("broker", "normal");
    const ear = listen(driver, b, (number) => {
      if (number === 0) throw new Error("a bug of the application");
      return IPCZ_RESULT_OK;
    });
    expect(() => send(driver, a, 0)).toThrow("a bug of the application");
    send(driver, a, 1);
    expect(ear.heard).toEqual([0, 1]);
  });
});
