/** Random bytes: as many as asked for, nowhere else, and never the same twice. */
import { IPCZ_RESULT_OK, type IpczDriver } from "@ipcz/api";
import type { DriverConformanceOptions } from "./options.ts";
import type { DeclareTrial } from "./trial.ts";

/** More than some sources give at once. */
const MANY_BYTES = 70_000;

/** Declares the tests. */
export function randomBytesSuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("fills the bytes asked for and no others", async (t) => {
    const buffer = new Uint8Array(64).fill(0x11);
    expect(t.driver.GenerateRandomBytes(32, 0, null, buffer)).toBe(IPCZ_RESULT_OK);
    expect(
      buffer.subarray(32).every((byte) => byte === 0x11),
      "bytes past the count",
    ).toBe(true);
    expect(
      buffer.subarray(0, 32).every((byte) => byte === 0x11),
      "the bytes",
    ).toBe(false);
    const before = buffer.slice();
    expect(t.driver.GenerateRandomBytes(0, 0, null, buffer)).toBe(IPCZ_RESULT_OK);
    expect(buffer).toEqual(before);
  });

  trial("makes 16-byte names that differ", async (t) => {
    const names = new Set<string>();
    const name = new Uint8Array(16);
    for (let i = 0; i < 1000; i++) {
      t.driver.GenerateRandomBytes(16, 0, null, name);
      names.add(name.join());
    }
    expect(names.size).toBe(1000);
  });

  trial("fills large buffers to their end, with every value", async (t) => {
    const buffer = new Uint8Array(MANY_BYTES);
    expect(t.driver.GenerateRandomBytes(MANY_BYTES, 0, null, buffer)).toBe(IPCZ_RESULT_OK);
    expect(
      buffer.subarray(-32).every((byte) => byte === 0),
      "the end",
    ).toBe(false);
    expect(new Set(buffer).size).toBe(256);
  });

  trial("fills shared memory", async (t) => {
    const { view } = t.map(t.memory(64));
    expect(t.driver.GenerateRandomBytes(64, 0, null, view)).toBe(IPCZ_RESULT_OK);
    expect(view.every((byte) => byte === 0)).toBe(false);
  });
}
