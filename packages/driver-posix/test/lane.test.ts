import { IPCZ_RESULT_OK, type IpczDriverHandle } from "@ipcz/api";
import { afterEach, expect, test } from "vitest";
import { FrameMark } from "../src/codec.ts";
import type { PosixDriver } from "../src/index.ts";
import { RingWord } from "../src/lane/ring-layout.ts";
import { copiedFrameBytesMax } from "../src/limits.ts";
import {
  allocate,
  createPair,
  immediate,
  mappedMemories,
  openDescriptors,
  serialize,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { LanePeer, ringCapacity } from "./support/lane-peer.ts";
import { listen, type Listener } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { randomFrom, seeds } from "./support/random.ts";

const lanes = { afterMessages: 1, ringBytes: ringCapacity };
const peers: LanePeer[] = [];
const createDriver = driverMaker({ lanes });

afterEach(() => {
  for (const peer of peers) peer.close();
  peers.length = 0;
});

function createPeer(driver: PosixDriver = createDriver(), named = true): LanePeer {
  const peer = new LanePeer(driver, named);
  peers.push(peer);
  return peer;
}

/** Two drivers, and an active transport of each. */
function connect(
  one: PosixDriver,
  two: PosixDriver,
): [IpczDriverHandle, IpczDriverHandle, Listener, Listener] {
  const [a, other] = createPair(one);
  const b = two.transportFromDescriptor(one.releaseDescriptor(other));
  return [a, b, listen(one, a), listen(two, b)];
}

/** What the driver holds for lanes when transports of it have both directions. */
async function lanesOpen(driver: PosixDriver, count: number): Promise<void> {
  while (driver.liveObjects().lanes !== count) await immediate();
}

describeOnLinux("a transport with lanes", () => {
  test("sends a peer without them the bytes of one without them", async () => {
    const peer = createPeer(createDriver(), false);
    for (let index = 0; index < 100; index++) transmit(peer.driver, peer.victim, `${index}`);
    await immediate();
    const frames = peer.frames();
    expect(frames.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(frames.every(({ mark, descriptorCount }) => mark + descriptorCount === 0)).toBe(true);
    expect(peer.driver.liveObjects().lanes).toBe(0);
  });

  test("talks to a driver that has them off", async () => {
    const [one, two] = [createDriver(), createDriver({ lanes: false })];
    const [a, b, atA, atB] = connect(one, two);
    for (let index = 0; index < 50; index++) {
      transmit(one, a, "to");
      transmit(two, b, "fro");
    }
    await atA.total(50);
    await atB.total(50);
    expect([one.liveObjects().lanes, two.liveObjects().lanes]).toEqual([0, 0]);
  });

  test("has a name from its activation on, and none before", () => {
    const driver = createDriver();
    const [idle, other] = createPair(driver);
    const peer = createPeer(driver);
    expect(peer.victimName).toMatch(/^ipcz-lane\/1\/reference\/[0-9a-f]{32}$/);
    transmit(driver, idle, "sent while idle");
    driver.Close(other, 0, null);
    expect(driver.liveObjects().lanes).toBe(0);
  });

  test("offers one after as many messages as were asked for, and uses it when it is taken", async () => {
    const peer = createPeer(createDriver({ lanes: { ...lanes, afterMessages: 4 } }));
    const send = (text: string): void => void transmit(peer.driver, peer.victim, text);
    for (const text of ["1", "2", "3"]) send(text);
    await immediate();
    expect(peer.frames().map(({ mark }) => mark)).toEqual([0, 0, 0]);
    send("4");
    send("5");
    await immediate();
    expect(peer.frames().map(({ text, mark }) => (mark === 0 ? text : mark))).toEqual([
      FrameMark.offer,
      "4",
      "5",
    ]);
    const { ring } = peer.takeOffer(ringCapacity);
    send("last on the socket");
    send("first in the ring");
    await immediate();
    expect(peer.frames()).toEqual([
      { mark: FrameMark.turn, text: "last on the socket", descriptorCount: 0 },
    ]);
    expect(Atomics.load(ring.state, RingWord.tail)).toBe(32);
    expect(Buffer.from(ring.bytes.subarray(8, 25)).toString()).toBe("first in the ring");
  });

  test("looks for the peer's name again later when it is not there yet", async () => {
    const [one, two] = [createDriver(), createDriver()];
    const [a, other] = createPair(one);
    listen(one, a);
    for (let index = 0; index < 20; index++) transmit(one, a, "early");
    const b = two.transportFromDescriptor(one.releaseDescriptor(other));
    const atB = listen(two, b);
    await atB.total(20);
    for (let index = 0; index < 20; index++) transmit(one, a, "late");
    await lanesOpen(two, 1);
    await atB.total(40);
    expect(one.liveObjects().lanes).toBe(1);
  });

  test("wakes a reader that sleeps once for all messages of a turn", async () => {
    const peer = createPeer();
    const { ring, bell } = await peer.takeRing();
    Atomics.store(ring.state, RingWord.asleep, 1);
    for (let index = 0; index < 100; index++) transmit(peer.driver, peer.victim, "message");
    expect(Atomics.load(ring.state, RingWord.asleep)).toBe(0);
    expect(peer.pipedBytes(bell)).toBe(1);
    Atomics.store(ring.state, RingWord.asleep, 1);
    await immediate();
    expect(peer.pipedBytes(bell)).toBe(1);
    await immediate();
    expect(peer.pipedBytes(bell)).toBe(0);
  });

  test("goes on over the socket when its offer is left alone, or its ring is full", async () => {
    const peer = createPeer();
    transmit(peer.driver, peer.victim, "0");
    await immediate();
    expect(peer.frames().map(({ mark }) => mark)).toEqual([FrameMark.offer, FrameMark.none]);
    for (let index = 1; index < 10; index++) transmit(peer.driver, peer.victim, `${index}`);
    await immediate();
    expect(peer.frames().length).toBe(9);
    const { ring } = peer.takeOffer(ringCapacity);
    const piece = Buffer.alloc(1024 - 8, 1);
    // 1 that turns, 63 in the ring, where a last frame has room only for the turn, and the rest.
    for (let index = 0; index < 100; index++) transmit(peer.driver, peer.victim, piece);
    await immediate();
    expect(peer.frames().map(({ mark }) => mark)).toEqual([FrameMark.turn, ...Array(36).fill(0)]);
    const tail = Atomics.load(ring.state, RingWord.tail);
    expect(tail).toBe(63 * 1024 + 8);
    // With half of it read, the next frame leads back.
    Atomics.store(ring.state, RingWord.head, 32 * 1024);
    transmit(peer.driver, peer.victim, "back");
    await immediate();
    expect(peer.frames()).toEqual([{ mark: FrameMark.turn, text: "back", descriptorCount: 0 }]);
  });

  test("stays on the socket for what cannot take the ring, until something can", async () => {
    const peer = createPeer();
    const { ring } = await peer.takeRing();
    const large = Buffer.alloc(copiedFrameBytesMax + 1, 1);
    for (let index = 0; index < 3; index++) transmit(peer.driver, peer.victim, large);
    await immediate();
    const marks = peer.frames().map(({ mark }) => mark);
    expect(marks).toEqual([FrameMark.turn, FrameMark.none, FrameMark.none, FrameMark.none]);
    // The turn that led to the socket is all that went through the ring.
    expect(Atomics.load(ring.state, RingWord.tail)).toBe(8);
    transmit(peer.driver, peer.victim, "small");
    await immediate();
    expect(peer.frames()).toEqual([{ mark: FrameMark.turn, text: "small", descriptorCount: 0 }]);
  });

  test.each(seeds)(
    "keeps the order of small, large and loaded messages (seed %i)",
    async (seed) => {
      const random = randomFrom(seed);
      const [one, two] = [createDriver(), createDriver()];
      const [a, b, atA, atB] = connect(one, two);
      let [toA, toB] = [0, 0];
      const check = (listener: Listener): void => {
        let next = 0;
        let wrong = 0;
        listener.keep = false;
        listener.answer = ({ what, bytes, handles }) => {
          if (what !== "message") return;
          if (bytes.readUInt32LE(0) !== next++) wrong++;
          for (const handle of handles) (listener === atB ? two : one).Close(handle, 0, null);
          expect(wrong).toBe(0);
        };
      };
      check(atA);
      check(atB);
      const send = (driver: PosixDriver, transport: IpczDriverHandle, number: number): void => {
        const kind = random(20);
        const size = kind === 0 ? 17_000 + random(200_000) : 4 + random(kind === 1 ? 9000 : 200);
        const bytes = Buffer.alloc(size);
        bytes.writeUInt32LE(number, 0);
        const handles = kind === 2 ? serialize(driver, allocate(driver, 64)).handles : [];
        expect(transmit(driver, transport, bytes, handles)).toBe(IPCZ_RESULT_OK);
      };
      for (let round = 0; round < 100; round++) {
        for (let count = random(80); count > 0; count--) {
          if (random(2) === 0) send(one, a, toB++);
          else send(two, b, toA++);
        }
        if (random(3) > 0) await immediate();
      }
      await atA.total(toA);
      await atB.total(toB);
      expect([atA.count, atB.count]).toEqual([toA, toB]);
      expect(one.liveObjects().lanes).toBe(2);
    },
  );

  test("gives back descriptors and mappings when it ends, on either side", async () => {
    const before = [openDescriptors().length, mappedMemories()];
    const [one, two] = [createDriver(), createDriver()];
    for (const closer of ["near", "far"]) {
      const [a, b, atA, atB] = connect(one, two);
      for (let index = 0; index < 10; index++) {
        transmit(one, a, "to");
        transmit(two, b, "fro");
      }
      await lanesOpen(one, 2);
      await lanesOpen(two, 2);
      await atA.total(10);
      if (closer === "near") one.Close(a, 0, null);
      else two.Close(b, 0, null);
      const other = closer === "near" ? atB : atA;
      await other.last("error");
      expect([one.liveObjects().lanes, two.liveObjects().lanes]).toEqual([0, 0]);
      one.Close(a, 0, null);
      two.Close(b, 0, null);
      expect([openDescriptors().length, mappedMemories()]).toEqual(before);
    }
  });

  test("delivers what was sent in the turn of its close, then ERROR", async () => {
    const [one, two] = [createDriver(), createDriver()];
    const [a, , , atB] = connect(one, two);
    for (let index = 0; index < 4; index++) {
      transmit(one, a, "before");
      await immediate();
      await immediate();
    }
    await atB.total(4);
    expect(two.liveObjects().lanes).toBe(1);
    for (let index = 0; index < 300; index++) transmit(one, a, `${index}`);
    one.Close(a, 0, null);
    await atB.last("error");
    expect(atB.story.slice(4)).toEqual([
      ...Array.from({ length: 300 }, (_, index) => `${index}`),
      "error",
    ]);
  });

  test.each([
    [{ ringBytes: 100_000 }, /ringBytes is a power of two/],
    [{ ringBytes: 32 * 1024 }, /ringBytes/],
    [{ ringBytes: 32 * 1024 * 1024 }, /ringBytes/],
    [{ afterMessages: 0 }, /afterMessages is at least 1/],
    [{ spinMicros: -1 }, /spinMicros/],
    [{ spinMicros: Number.NaN }, /spinMicros/],
  ])("refuses settings that make no sense (%o)", (options, message) => {
    expect(() => createDriver({ lanes: options })).toThrow(message);
  });
});
