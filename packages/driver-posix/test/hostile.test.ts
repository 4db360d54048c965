import { writeSync } from "node:fs";
import { foreign } from "@ipcz/abi/ffi";
import { expect, test } from "vitest";
import { createPair, immediate, openDescriptors, transmit } from "./support/driver.ts";
import { attackMaker, sendWith } from "./support/attack.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { listen } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { randomBytes, randomFrom, seeds } from "./support/random.ts";

const createDriver = driverMaker();
const createAttack = attackMaker(() => createDriver());

function words(...numbers: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}

describeOnLinux("a hostile peer", () => {
  test.each([
    ["a length of 0", words(0, 0)],
    ["a length of 7", words(7, 0)],
    ["a length above the bound", words(2 ** 30 + 1, 0)],
    ["the largest length", words(0xffff_ffff, 0)],
    ["65 descriptors", words(8, 65)],
    ["the largest count", words(8, 0xffff_ffff)],
    ["a descriptor that does not come", words(8, 1)],
    ["a turn, without lanes", words(8, 0x4000_0000)],
    ["an offer, without lanes", words(1000, 0x8000_0002)],
  ])("gets an ERROR for %s, and no other harm comes of it", async (_name, bytes) => {
    const { driver, listener, attacker } = createAttack();
    writeSync(attacker.number, words(12, 0, 7));
    writeSync(attacker.number, bytes);
    await listener.last("error");
    expect(listener.story).toEqual(["\u0007\0\0\0", "error"]);
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    transmit(driver, a, "others live");
    await atB.last("others live");
  });

  test.each([
    ["one too many", words(8, 0), 1],
    ["more than a message may have", words(8, 64), 65],
    ["as many as the system carries", words(8, 0), 253],
  ])("leaves no descriptors behind (%s)", async (_name, bytes, count) => {
    const before = openDescriptors().length;
    const { driver, listener, attacker } = createAttack();
    sendWith(attacker, bytes, count);
    await listener.last("error");
    expect(driver.liveObjects().descriptors).toBe(0);
    attacker.close();
    driver.dispose();
    expect(openDescriptors().length).toBe(before);
  });

  test("that goes in the middle of a frame with descriptors leaves none behind", async () => {
    const { driver, listener, attacker } = createAttack();
    const before = openDescriptors().length;
    sendWith(attacker, words(100, 3, 1), 3);
    await immediate();
    await immediate();
    expect(openDescriptors().length).toBe(before + 3);
    attacker.close();
    await listener.last("error");
    expect(openDescriptors().length).toBe(before - 1);
    expect(driver.liveObjects().descriptors).toBe(0);
  });

  test("that goes silent in the middle of a frame keeps nobody waiting", async () => {
    const { driver, listener, attacker } = createAttack();
    writeSync(attacker.number, words(1000, 0, 1));
    const [a, b] = createPair(driver);
    const atB = listen(driver, b);
    transmit(driver, a, "hello");
    await atB.last("hello");
    expect(listener.story).toEqual([]);
    driver.Close(a, 0, null);
  });

  test("that announces a gigabyte and sends 12 bytes costs next to no memory", async () => {
    const attacks = Array.from({ length: 50 }, () => createAttack());
    const before = process.memoryUsage().arrayBuffers;
    for (const { attacker } of attacks) writeSync(attacker.number, words(2 ** 30, 0, 1));
    for (let turn = 0; turn < 5; turn++) await immediate();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  test.each(seeds)(
    "with random bytes gets messages or an ERROR, nothing else (seed %i)",
    async (seed) => {
      const random = randomFrom(seed);
      for (let round = 0; round < 30; round++) {
        const { driver, victim, listener, attacker } = createAttack();
        const bytes = randomBytes(random, 1 + random(2000));
        // Half of them start like a frame.
        if (round % 2 === 0) new DataView(bytes.buffer).setUint8(Math.min(3, bytes.length - 1), 0);
        sendWith(attacker, bytes, random(3));
        attacker.close();
        await listener.last("error");
        expect(listener.story.filter((word) => word === "error")).toEqual(["error"]);
        for (const { handles } of listener.notifications) {
          for (const handle of handles) driver.Close(handle, 0, null);
        }
        driver.Close(victim, 0, null);
        expect(driver.liveObjects()).toMatchObject({ transports: 0, descriptors: 0 });
      }
    },
  );

  test("that stops reading fills its own queue, and memory comes back when it goes", async () => {
    const { driver, victim, listener, attacker } = createAttack();
    const piece = Buffer.alloc(1 << 20);
    for (let index = 0; index < 16; index++) transmit(driver, victim, piece);
    attacker.close();
    await listener.last("error");
    driver.Close(victim, 0, null);
    expect(driver.liveObjects()).toMatchObject({ transports: 0, lingering: 0 });
  });

  test("that shuts down only its receiving side is noticed by the next send", async () => {
    const { driver, victim, listener, attacker } = createAttack();
    const library = foreign.load(null);
    const shutdown = library.bind<(fd: number, how: number) => number>(
      "int shutdown(int fd, int how)",
    );
    expect(shutdown(attacker.number, 0)).toBe(0);
    writeSync(attacker.number, words(12, 0, 7));
    transmit(driver, victim, "refused");
    await listener.last("error");
    expect(listener.story).toEqual(["\u0007\0\0\0", "error"]);
  });
});
