/**
 * Very many messages: they keep their order and their descriptors, and no other transport waits for them.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { allocate, createPair, serialize, transmit } from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";

/** Kernel buffers are small here: what several megabytes leave over must wait. */
const createDriver = driverMaker({ socketBufferBytes: 212_992 });

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
