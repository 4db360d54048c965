/**
 * The other end of a transport, played by hand: a bare socket that says it has lanes, and rings of which the test
 * writes every word itself.
 */
import { foreign } from "@ipcz/abi/ffi";
import type { IpczDriverHandle } from "@ipcz/api";
import { expect } from "vitest";
import { FrameMark } from "../../src/codec.ts";
import { closeAll, Descriptor } from "../../src/fd.ts";
import type { PosixDriver } from "../../src/index.ts";
import { ringHeaderBytes, ringOver, RingWord, type RingBytes } from "../../src/lane/ring-layout.ts";
import type { MemoryMapping } from "@ipcz/driver-base";
import { Mapper } from "../../src/mapping.ts";
import { acceptPlainMemory, createMemory } from "../../src/memory.ts";
import { ReceiveMessage } from "../../src/receive-message.ts";
import { referenceCodec } from "../../src/reference-codec.ts";
import { SendMessage } from "../../src/send-message.ts";
import { openSystem } from "../../src/system.ts";
import { createPair, immediate, transmit } from "./driver.ts";
import { listen, type Listener } from "./listener.ts";

const system = openSystem(foreign);
const mapper = new Mapper(system);
const received = new Uint8Array(1 << 20);
let names = 0;

export const ringCapacity = 64 * 1024;

/** A frame as it came over the socket. */
export interface RawFrame {
  readonly mark: FrameMark;
  readonly text: string;
  readonly descriptorCount: number;
}

/** The bytes of a frame. */
export function frame(text: string, mark: FrameMark = FrameMark.none, descriptorCount = 0): Buffer {
  const bytes = Buffer.alloc(referenceCodec.headerBytes + text.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  referenceCodec.writeHeader(view, 0, text.length, descriptorCount, mark);
  bytes.write(text, referenceCodec.headerBytes, "latin1");
  return bytes;
}

export class LanePeer {
  readonly driver: PosixDriver;
  readonly victim: IpczDriverHandle;
  readonly listener: Listener;
  readonly socket: Descriptor;
  /** The ring that the victim reads, once offered: ours to write. */
  ring: RingBytes | null = null;
  /** Everything that was closed with us. */
  readonly owned: Descriptor[] = [];
  private readonly mappings: MemoryMapping[] = [];
  private readonly message = new ReceiveMessage(system, 64);
  private readonly arrived: Descriptor[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private tail = 0;

  constructor(driver: PosixDriver, named = true) {
    this.driver = driver;
    const [victim, other] = createPair(driver);
    this.victim = victim;
    this.socket = this.own(driver.releaseDescriptor(other));
    if (named) {
      const name = `ipcz-lane/1/reference/test ${process.pid} ${names++}`;
      expect(system.platform.lanes?.nameSocket(this.socket.number, name)).toBe(0);
    }
    this.listener = listen(driver, victim);
  }

  /** Takes a descriptor, to be closed with us. */
  own(number: number): Descriptor {
    const descriptor = new Descriptor(system.libc, number);
    this.owned.push(descriptor);
    return descriptor;
  }

  /** The name of the victim's socket. */
  get victimName(): string | null {
    return system.platform.lanes?.peerName(this.socket.number) ?? null;
  }

  send(bytes: Uint8Array, descriptors: readonly Descriptor[] = []): void {
    const message = new SendMessage(system, 1, 253);
    message.setVector(0, foreign.address(bytes), bytes.length);
    expect(message.send(this.socket, 1, descriptors)).toBe(bytes.length);
  }

  /** The frames that are in the socket now. */
  frames(): RawFrame[] {
    const header = { frameBytes: 0, messageStart: 0, descriptorCount: 0, mark: FrameMark.none };
    for (;;) {
      this.message.setVector(0, foreign.address(received), received.length);
      const count = this.message.receive(this.socket, 1, this.arrived);
      if (count <= 0) break;
      this.rest = Buffer.concat([this.rest, received.subarray(0, count)]);
    }
    const frames: RawFrame[] = [];
    while (this.rest.length >= 8) {
      const view = new DataView(this.rest.buffer, this.rest.byteOffset);
      expect(referenceCodec.readHeader(view, 0, header)).toBe(true);
      if (this.rest.length < header.frameBytes) break;
      const { mark, descriptorCount } = header;
      const text = this.rest.toString("latin1", 8, header.frameBytes);
      frames.push({ mark, text, descriptorCount });
      this.rest = this.rest.subarray(header.frameBytes);
    }
    return frames;
  }

  /** The ring behind an offer that has been received, and the reading end of its bell. */
  takeOffer(capacity: number): { ring: RingBytes; bell: Descriptor } {
    const [file, bell] = this.arrived.splice(0, 2);
    if (!file || !bell) throw new Error("an offer has two descriptors");
    this.owned.push(bell);
    const memory = acceptPlainMemory(system, file, ringHeaderBytes + capacity);
    if (!memory) throw new Error("an offer has memory");
    const mapping = this.map(memory);
    memory.close();
    const ring = ringOver(mapping);
    Atomics.store(ring.state, RingWord.taken, 1);
    return { ring, bell };
  }

  /** Has the victim offer its ring, takes it, and sees the victim turn there: its next small frame is in the ring. */
  async takeRing(): Promise<{ ring: RingBytes; bell: Descriptor }> {
    transmit(this.driver, this.victim, "offer");
    await immediate();
    this.frames();
    const taken = this.takeOffer(ringCapacity);
    transmit(this.driver, this.victim, "turn");
    return taken;
  }

  /** Offers a ring; answers the rope of its bell. */
  offer(): Descriptor {
    const pipe = new Int32Array(2);
    expect(system.platform.lanes?.createPipe(pipe)).toBe(0);
    const reading = new Descriptor(system.libc, pipe[0] ?? -1);
    const memory = createMemory(system, ringHeaderBytes + ringCapacity);
    if (typeof memory === "number") throw new Error("no memory");
    this.ring = ringOver(this.map(memory));
    const descriptors = [...memory.surrenderAll(), reading];
    this.send(offerFrame(ringCapacity), descriptors);
    closeAll(descriptors);
    return this.own(pipe[1] ?? -1);
  }

  /** Offers a ring, sees it taken and turns there: what is published from now on is next. */
  async turnToRing(): Promise<Descriptor> {
    const rope = this.offer();
    await this.until(() => this.word(RingWord.taken) === 1);
    this.send(frame("turn", FrameMark.turn));
    await this.listener.last("turn");
    return rope;
  }

  word(index: number): number {
    return this.ring ? Atomics.load(this.ring.state, index) : -1;
  }

  setWord(index: number, value: number): void {
    if (this.ring) Atomics.store(this.ring.state, index, value);
  }

  /** Writes bytes behind what is published, without publishing them. */
  write(bytes: Uint8Array): void {
    for (const [index, byte] of bytes.entries()) {
      if (this.ring) this.ring.bytes[(this.tail + index) & (this.ring.capacity - 1)] = byte;
    }
    this.tail = (this.tail + ((bytes.length + 7) & ~7)) | 0;
  }

  /** Writes and publishes; whoever sleeps goes on sleeping. */
  publish(bytes: Uint8Array): void {
    this.write(bytes);
    this.setWord(RingWord.tail, this.tail);
  }

  /** Rings the victim's bell, if it is still there: then it looks at the ring. */
  wake(rope: Descriptor): void {
    system.libc.write(rope.number, foreign.address(received), 1);
  }

  /** Takes what is in the pipe; how many bytes. */
  pipedBytes(bell: Descriptor): number {
    return Math.max(system.libc.read(bell.number, foreign.address(received), received.length), 0);
  }

  async until(condition: () => boolean): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- turns of the event loop, one after the other
    while (!condition()) await immediate();
  }

  close(): void {
    closeAll(this.owned);
    closeAll(this.arrived);
    for (const mapping of this.mappings) mapping.close();
  }

  private map(memory: Parameters<Mapper["map"]>[0]): MemoryMapping {
    const mapping = mapper.map(memory);
    if (typeof mapping === "number") throw new Error("no mapping");
    this.mappings.push(mapping);
    return mapping;
  }
}

/** The frame of an offer that says this capacity. */
export function offerFrame(capacity: number): Buffer {
  const text = Buffer.from(Uint32Array.of(capacity).buffer).toString("latin1");
  return frame(text, FrameMark.offer, 2);
}
