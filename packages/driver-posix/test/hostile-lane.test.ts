import { openSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { FrameMark } from "../src/codec.ts";
import { RingWord } from "../src/lane/ring-layout.ts";
import { ringBytesMax } from "../src/limits.ts";
import {
  createPair,
  immediate,
  mappedMemories,
  openDescriptors,
  transmit,
} from "./support/driver.ts";
import { driverMaker } from "./support/driver-maker.ts";
import { frame, LanePeer, offerFrame, ringCapacity } from "./support/lane-peer.ts";
import { listen } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { randomBytes, randomFrom, seeds } from "./support/random.ts";

const peers: LanePeer[] = [];
const createDriver = driverMaker({ lanes: { afterMessages: 1, ringBytes: ringCapacity } });

afterEach(() => {
  for (const peer of peers) peer.close();
  peers.length = 0;
});

function createPeer(): LanePeer {
  const peer = new LanePeer(createDriver());
  peers.push(peer);
  return peer;
}

/** The victim has lost this connection and nothing else. */
async function expectOnlyError(peer: LanePeer, story: string[] = []): Promise<void> {
  await peer.listener.last("error");
  expect(peer.listener.story).toEqual([...story, "error"]);
  expect(peer.driver.liveObjects()).toMatchObject({ lanes: 0, descriptors: 0 });
  const [a, b] = createPair(peer.driver);
  const atB = listen(peer.driver, b);
  listen(peer.driver, a);
  for (let index = 0; index < 10; index++) {
    transmit(peer.driver, a, "others live");
    // oxlint-disable-next-line no-await-in-loop -- a turn for each, so that the ring is used
    await immediate();
  }
  await atB.total(10);
}

/** A header of the reference codec, whatever it says. */
function header(frameBytes: number, count: number): Buffer {
  return Buffer.from(Uint32Array.of(frameBytes, count).buffer);
}

const MIB = 1024 * 1024;

describeOnLinux("a hostile peer with a lane", () => {
  test.each<[string, Buffer]>([
    ["a turn to a ring that there is not", frame("x", FrameMark.turn)],
    ["an offer without descriptors", frame("\0\0\x01\0", FrameMark.offer)],
    ["a mark that there is not", header(8, 0xc000_0000)],
  ])("gets an ERROR for %s", async (_name, bytes) => {
    const peer = createPeer();
    peer.send(frame("before"));
    peer.send(bytes);
    await peer.listener.last("error");
    expect(peer.driver.liveObjects()).toMatchObject({ lanes: 0, descriptors: 0 });
  });

  test.each([
    0,
    1,
    ringCapacity / 2,
    ringCapacity + 4,
    3 * ringCapacity,
    2 * ringBytesMax,
    2 ** 31,
  ])("gets an ERROR for an offer of %i bytes", async (capacity) => {
    const before = openDescriptors().length;
    const peer = createPeer();
    const junk = [0, 1].map(() => peer.own(openSync("/dev/null", "r")));
    peer.send(offerFrame(capacity), junk);
    await expectOnlyError(peer);
    peer.driver.dispose();
    peer.close();
    expect(openDescriptors().length).toBe(before);
  });

  test("gets an ERROR for a second offer", async () => {
    const peer = createPeer();
    peer.offer();
    peer.offer();
    await expectOnlyError(peer);
  });

  test("keeps its transport, on the socket, when what it offers is of no use", async () => {
    const before = mappedMemories();
    const peer = createPeer();
    const junk = [0, 1].map(() => peer.own(openSync("/dev/zero", "r+")));
    peer.send(offerFrame(ringCapacity), junk);
    peer.send(frame("on the socket"));
    await peer.listener.last("on the socket");
    expect(peer.driver.liveObjects()).toMatchObject({ lanes: 0, descriptors: 0 });
    expect(mappedMemories()).toBe(before);
    // It was told nothing, so it may not turn.
    peer.send(frame("x", FrameMark.turn));
    await peer.listener.last("error");
  });

  test.each<[string, (peer: LanePeer) => void]>([
    ["a position beyond its capacity", (peer) => peer.setWord(RingWord.tail, ringCapacity + 8)],
    ["a position behind its own", (peer) => peer.setWord(RingWord.tail, -8)],
    ["the least position", (peer) => peer.setWord(RingWord.tail, -(2 ** 31))],
    ["part of a header", (peer) => peer.setWord(RingWord.tail, 4)],
    ["a length of 0", (peer) => peer.publish(header(0, 0))],
    ["a length of 7", (peer) => peer.publish(header(7, 0))],
    ["the largest length", (peer) => peer.publish(header(0xffff_ffff, 0))],
    ["a length that overflows", (peer) => peer.publish(header(0x7fff_ffff, 0))],
    ["more length than it publishes", (peer) => peer.publish(header(17, 0))],
    ["a descriptor", (peer) => peer.publish(header(8, 1))],
    ["an offer", (peer) => peer.publish(header(8, FrameMark.offer << 30))],
    ["a mark that there is not", (peer) => peer.publish(header(8, 3 << 30))],
    ["a turn with a message", (peer) => peer.publish(frame("x", FrameMark.turn))],
    [
      "a full ring without a whole frame",
      (peer) => peer.publish(Buffer.concat([header(MIB, 0), Buffer.alloc(ringCapacity - 8)])),
    ],
  ])("gets an ERROR for a ring with %s", async (_name, spoil) => {
    const peer = createPeer();
    const rope = await peer.turnToRing();
    peer.publish(frame("good"));
    peer.wake(rope);
    await peer.listener.last("good");
    spoil(peer);
    peer.wake(rope);
    await expectOnlyError(peer, ["turn", "good"]);
  });

  test("gets an ERROR for bytes in the socket that no turn leads to", async () => {
    const peer = createPeer();
    await peer.turnToRing();
    peer.send(frame("out of order"));
    await expectOnlyError(peer, ["turn"]);
  });

  test.each([
    ["ahead of what was written", 2 * ringCapacity],
    ["behind where it was", -8],
    ["far away", 2 ** 30],
  ])("gets an ERROR when it says it has read %s", async (_name, lie) => {
    const peer = createPeer();
    const { ring } = await peer.takeRing();
    Atomics.store(ring.state, RingWord.head, lie);
    const piece = Buffer.alloc(8 * 1024);
    for (let index = 0; index < 10; index++) transmit(peer.driver, peer.victim, piece);
    await expectOnlyError(peer);
  });

  test("hears a message as it was when it was checked, whatever the ring says later", async () => {
    const peer = createPeer();
    const rope = await peer.turnToRing();
    let lent: Uint8Array | null = null;
    peer.listener.answer = ({ bytes }) => {
      peer.ring?.bytes.fill(0xee);
      lent ??= bytes;
    };
    peer.publish(Buffer.concat([frame("1234567"), Buffer.of(0), frame("7654321")]));
    peer.wake(rope);
    await peer.listener.last("7654321");
    expect(peer.listener.story).toEqual(["turn", "1234567", "7654321"]);
  });

  test("that cuts its bell or keeps ringing it costs nothing but turns", async () => {
    const peer = createPeer();
    const rope = await peer.turnToRing();
    for (let index = 0; index < 1000; index++) peer.wake(rope);
    await immediate();
    rope.close();
    for (let index = 0; index < 5; index++) await immediate();
    peer.publish(frame("quiet"));
    peer.publish(frame("", FrameMark.turn));
    peer.send(frame("by the socket"));
    await peer.listener.last("by the socket");
    expect(peer.listener.story).toEqual(["turn", "quiet", "by the socket"]);
  });

  test("that publishes as fast as it is read leaves others their turn", async () => {
    const peer = createPeer();
    const rope = await peer.turnToRing();
    peer.listener.keep = false;
    peer.listener.answer = () => peer.publish(frame("again"));
    peer.publish(frame("once"));
    peer.wake(rope);
    const [a, b] = createPair(peer.driver);
    const atB = listen(peer.driver, b);
    transmit(peer.driver, a, "others have their turn");
    await atB.total(1);
    const heard = peer.listener.count;
    await peer.until(() => peer.listener.count > heard);
    peer.listener.answer = () => undefined;
  });

  test("hears all it published before it went, then the victim says ERROR", async () => {
    const peer = createPeer();
    await peer.turnToRing();
    for (let index = 0; index < 500; index++) peer.publish(frame(`${index}`));
    peer.close();
    await peer.listener.last("error");
    expect(peer.listener.story).toEqual([
      "turn",
      ...Array.from({ length: 500 }, (_, index) => `${index}`),
      "error",
    ]);
  });

  test.each(seeds)("with a random ring gets messages or an ERROR (seed %i)", async (seed) => {
    const random = randomFrom(seed);
    for (let round = 0; round < 40; round++) {
      const peer = createPeer();
      const rope = await peer.turnToRing();
      for (let step = 0; step < 5; step++) {
        const bytes = randomBytes(random, 8 * (1 + random(200)));
        const view = new DataView(bytes.buffer);
        // Most of them start like a frame.
        if (random(4) > 0) view.setUint32(0, 8 + random(bytes.length), true);
        if (random(4) > 0) view.setUint32(4, random(8) === 0 ? FrameMark.turn << 30 : 0, true);
        peer.publish(bytes);
        if (random(4) === 0) peer.setWord(random(64), random(2 ** 20));
        if (random(2) === 0) peer.wake(rope);
        if (random(3) === 0) await immediate();
      }
      peer.close();
      await peer.listener.last("error");
      peer.driver.dispose();
      expect(peer.driver.liveObjects()).toMatchObject({ lanes: 0, descriptors: 0 });
    }
  });
});
