/** A transport whose listener writes down what it hears. */
import { type IpczDriverHandle, type IpczHandle, IPCZ_RESULT_OK } from "@ipcz/api";
import { expect } from "vitest";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { DriverTransport, type TransportListener } from "../../src/driver/driver-transport.ts";
import { MockDriver } from "./mock-driver.ts";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const read = (data: Uint8Array, numBytes: number): string =>
  new TextDecoder().decode(data.subarray(0, numBytes));

/** Writes down what it hears, and closes what it gets. */
export class Diary implements TransportListener {
  readonly heard: string[] = [];
  accepts = true;
  /** Runs inside the next message, error or end. */
  inside: ((what: string) => void) | null = null;
  private readonly driver: MockDriver;

  constructor(driver: MockDriver) {
    this.driver = driver;
  }

  onMessage(data: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): boolean {
    for (const handle of handles) this.driver.Close(handle);
    this.note(read(data, numBytes));
    return this.accepts;
  }

  onError(): void {
    this.note("<error>");
  }

  onBatchBegin(): void {
    this.note("<");
  }

  onBatchEnd(): void {
    this.note(">");
  }

  onDeactivated(): void {
    this.note("<end>");
  }

  private note(what: string): void {
    this.heard.push(what);
    const { inside } = this;
    this.inside = null;
    inside?.(what);
  }
}

export function setup() {
  const driver = new MockDriver();
  const handle = driver.make({ kind: "transport" });
  const lent = new Set<IpczHandle>();
  let next = 100;
  const listeners = {
    lend(): IpczHandle {
      const listener = next++ as IpczHandle;
      lent.add(listener);
      return listener;
    },
    takeBack(listener: IpczHandle): void {
      if (!lent.delete(listener)) throw new Error("not lent");
    },
  };
  const transport = new DriverTransport(new DriverObject(driver, handle), listeners);
  const diary = new Diary(driver);
  const send = (value: string, handles: IpczDriverHandle[] = []) =>
    driver.notify(handle, 0, text(value), handles);
  return { driver, handle, lent, transport, diary, send };
}

export function active() {
  const all = setup();
  expect(all.transport.activate(all.diary)).toBe(IPCZ_RESULT_OK);
  return all;
}
