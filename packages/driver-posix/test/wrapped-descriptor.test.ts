import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IPCZ_RESULT_INVALID_ARGUMENT, IPCZ_RESULT_RESOURCE_EXHAUSTED } from "@ipcz/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  allocate,
  createPair,
  deserialize,
  none,
  openDescriptors,
  serialize,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";

const createDriver = driverMaker({ descriptors: true });
let folder = "";
let file = -1;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ipcz-"));
  writeFileSync(join(folder, "file"), "what is in it");
  file = openSync(join(folder, "file"), "r+");
});

afterEach(() => {
  closeSync(file);
  rmSync(folder, { recursive: true });
});

describeOnLinux("a descriptor of the application", () => {
  test("arrives as another one for the same file", async () => {
    const driver = createDriver();
    const [near, far] = createPair(driver);
    const listener = listen(driver, far);
    const wrapped = driver.wrapDescriptor(driver.copyDescriptor(file));
    expect(driver.isWrappedDescriptor(wrapped)).toBe(true);
    const { bytes, handles } = serialize(driver, wrapped, near);
    expect(driver.isWrappedDescriptor(wrapped)).toBe(false);
    transmit(driver, near, bytes, handles);
    await listener.total(1);
    const [message] = listener.notifications;
    const carried = [...(message?.handles ?? [])];
    const { object } = deserialize(driver, { bytes, handles: carried }, far);
    expect(driver.isWrappedDescriptor(object)).toBe(true);
    const received = driver.releaseDescriptor(object);
    expect(received).not.toBe(file);
    expect(fstatSync(received).ino).toBe(fstatSync(file).ino);
    writeSync(received, "WHAT", 0);
    const text = Buffer.alloc(13);
    readSync(file, text, 0, 13, 0);
    expect(text.toString()).toBe("WHAT is in it");
    closeSync(received);
  });

  test("stays open here when what was wrapped is closed", () => {
    const driver = createDriver();
    const before = openDescriptors();
    const wrapped = driver.wrapDescriptor(driver.copyDescriptor(file));
    expect(driver.liveObjects().platformHandles).toBe(1);
    driver.Close(wrapped, 0, null);
    expect(openDescriptors()).toEqual(before);
    expect(fstatSync(file).size).toBe(13);
  });

  test("does not travel, nor is it accepted, by a driver that was not told so", () => {
    const driver = createDriver({ descriptors: false });
    const wrapped = driver.wrapDescriptor(driver.copyDescriptor(file));
    expect(driver.Serialize(wrapped, none, 0, null, null, null, null, null)).toBe(
      IPCZ_RESULT_INVALID_ARGUMENT,
    );
    const other = createDriver();
    const { bytes } = serialize(other, other.wrapDescriptor(other.copyDescriptor(file)), none);
    const { handles } = serialize(driver, allocate(driver, 8), none);
    expect(deserialize(driver, { bytes, handles }).result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.liveObjects().descriptors).toBe(0);
  });

  test("is refused without a descriptor, with two, or with another kind of object", () => {
    const driver = createDriver();
    const { bytes, handles } = serialize(
      driver,
      driver.wrapDescriptor(driver.copyDescriptor(file)),
      none,
    );
    const more = serialize(
      driver,
      driver.wrapDescriptor(driver.copyDescriptor(file)),
      none,
    ).handles;
    for (const wrong of [[], [...handles, ...more], [allocate(driver, 8)]])
      expect(deserialize(driver, { bytes, handles: wrong }).result).toBe(
        IPCZ_RESULT_INVALID_ARGUMENT,
      );
    expect(driver.liveObjects()).toMatchObject({ platformHandles: 0, descriptors: 0, memories: 0 });
  });

  test("is copied only if it is one", () => {
    const driver = createDriver();
    for (const wrong of [-1, 1.5, Number.NaN, 1_000_000])
      expect(() => driver.copyDescriptor(wrong)).toThrow("EBADF");
    expect(driver.isWrappedDescriptor(none)).toBe(false);
    expect(driver.isWrappedDescriptor(allocate(driver, 8))).toBe(false);
  });

  test("can be asked about before it is sent", () => {
    const driver = createDriver();
    const wrapped = driver.wrapDescriptor(driver.copyDescriptor(file));
    expect(driver.Serialize(wrapped, none, 0, null, null, null, null, null)).toBe(
      IPCZ_RESULT_RESOURCE_EXHAUSTED,
    );
    expect(driver.descriptorOf(wrapped)).not.toBe(file);
  });
});
