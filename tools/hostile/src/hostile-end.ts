/**
 * A transport's end in hostile hands: sends whatever it is given, learns from what comes, never keeps a promise.
 */
import type { IpczDriverHandle, IpczHandle, IpczTransportActivityHandler, Out } from "@ipcz/api";
import {
  decodeHeader,
  decodeParams,
  FOLDED_HIGH_BIT,
  messageById,
  type RouterDescriptor,
} from "@ipcz/core/wire";
import type { MemDriver } from "@ipcz/driver-mem";
import type { ObjectKind } from "./compose.ts";
import { type Knowledge, nameBytes } from "./knowledge.ts";
import { initPrimary, PRIMARY_BYTES } from "./primary.ts";
import type { Shot } from "./spoil.ts";

function isDescriptor(value: unknown): value is RouterDescriptor {
  return typeof value === "object" && value !== null && "newSublink" in value;
}

/** The greatest number of ends one attack plays at a time. */
const ENDS_MAX = 6;
const HELD_MAX = 64;

export class HostileEnd {
  /** The victim, or the driver for it, has hung up. */
  broken = false;
  received = 0;
  /** Views of the memory that came along: the first is the primary buffer. */
  readonly memories: Uint8Array[] = [];
  /** What an introduction brought: a transport, and the memory of the new link. */
  introduction: { readonly transport: IpczDriverHandle; readonly memory: Uint8Array } | null = null;
  private readonly driver: MemDriver;
  private readonly transport: IpczDriverHandle;
  private readonly known: Knowledge;
  /** All ends of this attack; transports that are sent leave their other end here. */
  private readonly ends: HostileEnd[];
  private readonly held: IpczDriverHandle[] = [];

  private constructor(
    driver: MemDriver,
    transport: IpczDriverHandle,
    known: Knowledge,
    ends: HostileEnd[],
  ) {
    this.driver = driver;
    this.transport = transport;
    this.known = known;
    this.ends = ends;
  }

  /** Takes `transport`, listens there, and joins `ends`. */
  static play(
    driver: MemDriver,
    transport: IpczDriverHandle,
    known: Knowledge,
    ends: HostileEnd[],
  ): HostileEnd {
    const end = new HostileEnd(driver, transport, known, ends);
    ends.push(end);
    driver.ActivateTransport(transport, 1 as IpczHandle, end.listener(), 0, null);
    return end;
  }

  send(shot: Shot): void {
    const handles = shot.objects.map((kind) => this.make(kind));
    const { bytes } = shot;
    this.driver.Transmit(this.transport, bytes, bytes.length, handles, handles.length, 0, null);
  }

  close(): void {
    this.broken = true;
    this.driver.DeactivateTransport(this.transport, 0, null);
    this.driver.Close(this.transport, 0, null);
    if (this.introduction) this.driver.Close(this.introduction.transport, 0, null);
    for (const handle of this.held.splice(0)) this.driver.Close(handle, 0, null);
  }

  private listener(): IpczTransportActivityHandler {
    return (_listener, data, numBytes, handles, _numHandles, flags) => {
      if (flags !== 0) this.broken = true;
      else {
        this.received++;
        this.learn(data ?? new Uint8Array(0), numBytes, handles ?? []);
      }
      return 0;
    };
  }

  private hold(handle: IpczDriverHandle): void {
    this.held.push(handle);
    if (this.held.length > HELD_MAX) this.driver.Close(this.held.shift() ?? handle, 0, null);
  }

  private map(memory: IpczDriverHandle): Uint8Array | null {
    const view: Out<Uint8Array> = { value: new Uint8Array(0) };
    const mapping: Out<IpczDriverHandle> = { value: 0 as IpczDriverHandle };
    if (this.driver.MapSharedMemory(memory, 0, null, view, mapping) !== 0) return null;
    this.hold(mapping.value);
    return view.value;
  }

  private learn(bytes: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): void {
    const header = decodeHeader(bytes, numBytes);
    const message = header && messageById(header.messageId);
    const values =
      header &&
      message &&
      decodeParams(message.schema, bytes, numBytes, header.size, handles.length);
    for (const handle of handles) this.keep(handle);
    if (!values) return;
    if (message.id === 11) this.takeIntroduction(handles);
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === "string") this.known.addName(nameBytes(value));
      else if (/sublink/i.test(name) && typeof value === "number") this.meet(value);
      else if (name === "newRouters" && Array.isArray(value)) {
        for (const descriptor of value as readonly unknown[])
          if (isDescriptor(descriptor)) this.meet(descriptor.newSublink);
      }
    }
  }

  private meet(folded: number): void {
    const id =
      folded < FOLDED_HIGH_BIT
        ? BigInt(folded)
        : 2n ** 63n + BigInt(folded) - BigInt(FOLDED_HIGH_BIT);
    if (!this.known.sublinks.some((sublink) => sublink.id === id)) this.known.addSublink(id);
  }

  /** Memory is mapped, a transport stays as it is. */
  private keep(handle: IpczDriverHandle): void {
    const view = this.map(handle);
    if (view && this.memories.length < 8) this.memories.push(view);
    this.hold(handle);
  }

  private takeIntroduction(handles: readonly IpczDriverHandle[]): void {
    const [transport] = handles;
    const memory = this.memories.at(-1);
    if (transport === undefined || !memory) return;
    const index = this.held.indexOf(transport);
    if (index >= 0) this.held.splice(index, 1);
    if (this.introduction) this.driver.Close(this.introduction.transport, 0, null);
    this.introduction = { transport, memory };
  }

  private make(kind: ObjectKind): IpczDriverHandle {
    if (kind === "transport") {
      const [ours, theirs] = this.driver.createTransports("normal", "normal");
      if (this.ends.length < ENDS_MAX) HostileEnd.play(this.driver, ours, this.known, this.ends);
      else this.hold(ours);
      return theirs;
    }
    const memory: Out<IpczDriverHandle> = { value: 0 as IpczDriverHandle };
    this.driver.AllocateSharedMemory(kind, 0, null, memory);
    if (kind === PRIMARY_BYTES) {
      const view = this.map(memory.value);
      if (view) {
        initPrimary(view);
        this.memories.push(view);
      }
    }
    return memory.value;
  }
}
