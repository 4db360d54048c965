/**
 * A driver whose messages wait until the test delivers them: any line, in any order the test likes.
 *
 * Each direction of a transport is a queue. A message may be taken out of it to be held back, or sent on at once, on
 * the sender's stack. Objects are counted, so that a test can see what was left over.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczResult,
  type IpczSharedMemoryInfo,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczTransportActivityHandler,
  type Out,
} from "@ipcz/api";

interface MemoryObject {
  readonly kind: "memory" | "mapping";
  readonly bytes: Uint8Array;
}

type QueueObject = MemoryObject | LineEnd;

/** A message under way. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly objects: readonly QueueObject[];
  /** The message id. */
  readonly id: number;
}

/** What can happen next at one end: the head of its queue, a packet that may overtake, or the end of the line. */
export interface Deliverable {
  readonly end: LineEnd;
  readonly late: Packet | null;
}

/** One end of a transport, and what is on its way to it. */
export class LineEnd {
  readonly kind = "transport";
  readonly driver: QueueDriver;
  /** The name of the node at the far end. */
  readonly from: string;
  readonly inbox: Packet[] = [];
  /** Packets that may come in any order, as relayed ones do. */
  readonly late: Packet[] = [];
  peer: LineEnd | null = null;
  private listener: IpczHandle = 0 as IpczHandle;
  private handler: IpczTransportActivityHandler | null = null;
  private failed = false;
  private errorTold = false;
  private delivering = false;

  constructor(driver: QueueDriver, from: string) {
    this.driver = driver;
    this.from = from;
  }

  get isActive(): boolean {
    return this.handler !== null;
  }

  get hasNext(): boolean {
    if (!this.handler || this.delivering) return false;
    return this.inbox.length > 0 || (this.failed && this.late.length === 0 && !this.errorTold);
  }

  activate(listener: IpczHandle, handler: IpczTransportActivityHandler): void {
    this.listener = listener;
    this.handler = handler;
  }

  deactivate(): void {
    const { handler } = this;
    this.handler = null;
    handler?.(this.listener, null, 0, null, 0, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, null);
  }

  /** The line is broken from here on; what is queued still comes. */
  break(): void {
    this.failed = true;
  }

  /** The process behind this end is gone. */
  silence(): void {
    this.handler = null;
  }

  get acceptsMore(): boolean {
    return !this.failed;
  }

  push(packet: Packet): void {
    const { world } = this.driver;
    const place = world.onTransmit?.(packet, this) ?? "queue";
    if (place === "late") this.late.push(packet);
    else this.inbox.push(packet);
    if (place === "now" && this.inbox.length === 1 && this.isActive && !this.delivering)
      this.deliverNext();
  }

  deliverNext(): void {
    const packet = this.inbox.shift();
    if (packet) this.deliver(packet);
    else if (!this.errorTold) {
      this.errorTold = true;
      this.handler?.(this.listener, null, 0, null, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, null);
    }
  }

  deliver(packet: Packet): void {
    const { handler, driver } = this;
    if (!handler) throw new Error("delivered to nobody");
    const { bytes, objects } = packet;
    const handles = objects.map((object) => driver.world.add(object, driver));
    driver.world.onDelivery?.(packet, this);
    this.delivering = true;
    let result: IpczResult;
    try {
      result = handler(this.listener, bytes, bytes.length, handles, handles.length, 0, null);
    } finally {
      this.delivering = false;
    }
    bytes.fill(0xdb);
    if (result === IPCZ_RESULT_OK) return;
    driver.world.refusals.push(`${driver.name} refused message ${packet.id} of ${this.from}`);
    this.failed = true;
    for (const lost of this.takeWaiting()) driver.world.drop(lost.objects);
  }

  takeWaiting(keep = 0): Packet[] {
    return [...this.inbox.splice(keep), ...this.late.splice(0)];
  }
}

/** All drivers that can be connected with each other, and all their objects. */
export class QueueWorld {
  readonly ends: LineEnd[] = [];
  /** Messages that were answered with an error. */
  readonly refusals: string[] = [];
  /** Where a message goes when it is sent: "now" is on the sender's stack, if nothing waits before it. */
  onTransmit: ((packet: Packet, to: LineEnd) => "queue" | "late" | "now") | null = null;
  onDelivery: ((packet: Packet, to: LineEnd) => void) | null = null;
  /** Objects travel only with the help of a broker. */
  forceRelay: ((driver: QueueDriver) => boolean) | null = null;
  private readonly objects = new Map<number, { object: QueueObject; owner: QueueDriver }>();
  private next = 1;

  /** Open handles by kind, those of crashed drivers left out. */
  live(): string[] {
    const kinds: string[] = [];
    for (const { object, owner } of this.objects.values())
      if (!owner.crashed) kinds.push(`${owner.name}: ${object.kind}`);
    return kinds;
  }

  connect(a: QueueDriver, b: QueueDriver): [IpczDriverHandle, IpczDriverHandle] {
    const endA = new LineEnd(a, b.name);
    const endB = new LineEnd(b, a.name);
    endA.peer = endB;
    endB.peer = endA;
    if (b.crashed) endA.break();
    if (a.crashed) endB.break();
    this.ends.push(endA, endB);
    return [this.add(endA, a), this.add(endB, b)];
  }

  pending(): Deliverable[] {
    const found: Deliverable[] = [];
    for (const end of this.ends) {
      if (end.hasNext) found.push({ end, late: null });
      if (end.isActive) for (const late of end.late) found.push({ end, late });
    }
    return found;
  }

  deliver({ end, late }: Deliverable): void {
    if (!late) {
      end.deliverNext();
      return;
    }
    end.late.splice(end.late.indexOf(late), 1);
    end.deliver(late);
  }

  add(object: QueueObject, owner: QueueDriver): IpczDriverHandle {
    const handle = this.next++ as IpczDriverHandle;
    this.objects.set(handle, { object, owner });
    return handle;
  }

  at(handle: IpczDriverHandle, owner: QueueDriver): QueueObject {
    const found = this.objects.get(handle);
    if (!found || found.owner !== owner) throw new Error(`${owner.name} has no handle ${handle}`);
    return found.object;
  }

  take(handle: IpczDriverHandle, owner: QueueDriver): QueueObject {
    const object = this.at(handle, owner);
    this.objects.delete(handle);
    return object;
  }

  /** Objects that nobody will get. */
  drop(objects: readonly QueueObject[]): void {
    for (const object of objects) if (object instanceof LineEnd) this.endLine(object);
  }

  endLine(end: LineEnd): void {
    end.break();
    for (const { objects } of end.takeWaiting()) this.drop(objects);
    end.peer?.break();
  }
}

export class QueueDriver implements IpczDriver {
  readonly size = IPCZ_DRIVER_SIZE;
  readonly name: string;
  readonly world: QueueWorld;
  crashed = false;
  readonly badActivity: unknown[] = [];

  constructor(world: QueueWorld, name: string) {
    this.world = world;
    this.name = name;
  }

  /** Ends this driver as the death of its process would; `prefix` says how much of what is under way still arrives. */
  crash(prefix: (count: number) => number): void {
    this.crashed = true;
    for (const end of this.world.ends) {
      if (end.driver !== this) continue;
      end.silence();
      for (const { objects } of end.takeWaiting()) this.world.drop(objects);
      const { peer } = end;
      if (!peer) continue;
      for (const { objects } of peer.takeWaiting(prefix(peer.inbox.length)))
        this.world.drop(objects);
      peer.break();
    }
  }

  Close(handle: IpczDriverHandle): IpczResult {
    const object = this.world.take(handle, this);
    if (object instanceof LineEnd) this.world.endLine(object);
    return IPCZ_RESULT_OK;
  }

  Serialize(
    handle: IpczDriverHandle,
    transport: IpczDriverHandle,
    _flags: number,
    _options: null,
    _data: Uint8Array | null,
    numBytes: Out<number> | null,
    handles: IpczDriverHandle[] | null,
    numHandles: Out<number> | null,
  ): IpczResult {
    const object = this.world.at(handle, this);
    if (object.kind === "mapping") return IPCZ_RESULT_INVALID_ARGUMENT;
    if (!transport) return IPCZ_RESULT_ABORTED;
    if (this.world.forceRelay?.(this) === true) return IPCZ_RESULT_PERMISSION_DENIED;
    const roomy = (numHandles?.value ?? 0) >= 1;
    if (numBytes) numBytes.value = 0;
    if (numHandles) numHandles.value = 1;
    if (!roomy || !handles) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    this.world.take(handle, this);
    handles[0] = this.world.add(object, this);
    return IPCZ_RESULT_OK;
  }

  Deserialize(
    _data: Uint8Array | null,
    _numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
    numDriverHandles: number,
    _transport: IpczDriverHandle,
    _flags: number,
    _options: null,
    handle: Out<IpczDriverHandle>,
  ): IpczResult {
    const [part] = driverHandles ?? [];
    if (numDriverHandles !== 1 || part === undefined) return IPCZ_RESULT_INVALID_ARGUMENT;
    handle.value = this.world.add(this.world.take(part, this), this);
    return IPCZ_RESULT_OK;
  }

  CreateTransports(): IpczResult {
    return IPCZ_RESULT_PERMISSION_DENIED;
  }

  ActivateTransport(
    transport: IpczDriverHandle,
    listener: IpczHandle,
    handler: IpczTransportActivityHandler,
  ): IpczResult {
    this.endAt(transport).activate(listener, handler);
    return IPCZ_RESULT_OK;
  }

  DeactivateTransport(transport: IpczDriverHandle): IpczResult {
    this.endAt(transport).deactivate();
    return IPCZ_RESULT_OK;
  }

  Transmit(
    transport: IpczDriverHandle,
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
  ): IpczResult {
    const objects = (driverHandles ?? []).map((handle) => this.world.take(handle, this));
    const { peer } = this.endAt(transport);
    if (this.crashed || !peer?.acceptsMore || peer.driver.crashed) {
      this.world.drop(objects);
      return IPCZ_RESULT_OK;
    }
    const bytes = (data ?? new Uint8Array()).slice(0, numBytes);
    peer.push({ bytes, objects, id: bytes[2] ?? -1 });
    return IPCZ_RESULT_OK;
  }

  ReportBadTransportActivity(_transport: IpczDriverHandle, context: unknown): IpczResult {
    this.badActivity.push(context);
    return IPCZ_RESULT_OK;
  }

  AllocateSharedMemory(
    numBytes: number,
    _flags: number,
    _options: null,
    driverMemory: Out<IpczDriverHandle>,
  ): IpczResult {
    const bytes = new Uint8Array(new ArrayBuffer(numBytes));
    driverMemory.value = this.world.add({ kind: "memory", bytes }, this);
    return IPCZ_RESULT_OK;
  }

  GetSharedMemoryInfo(
    driverMemory: IpczDriverHandle,
    _flags: number,
    _options: null,
    info: IpczSharedMemoryInfo,
  ): IpczResult {
    const object = this.world.at(driverMemory, this);
    if (object.kind !== "memory") return IPCZ_RESULT_INVALID_ARGUMENT;
    info.regionNumBytes = object.bytes.length;
    return IPCZ_RESULT_OK;
  }

  DuplicateSharedMemory(
    driverMemory: IpczDriverHandle,
    _flags: number,
    _options: null,
    newDriverMemory: Out<IpczDriverHandle>,
  ): IpczResult {
    newDriverMemory.value = this.world.add(this.world.at(driverMemory, this), this);
    return IPCZ_RESULT_OK;
  }

  MapSharedMemory(
    driverMemory: IpczDriverHandle,
    _flags: number,
    _options: null,
    address: Out<Uint8Array>,
    driverMapping: Out<IpczDriverHandle>,
  ): IpczResult {
    const object = this.world.at(driverMemory, this);
    if (object.kind !== "memory") return IPCZ_RESULT_INVALID_ARGUMENT;
    address.value = object.bytes;
    driverMapping.value = this.world.add({ kind: "mapping", bytes: object.bytes }, this);
    return IPCZ_RESULT_OK;
  }

  GenerateRandomBytes(
    numBytes: number,
    _flags: number,
    _options: null,
    buffer: Uint8Array,
  ): IpczResult {
    buffer.fill(7, 0, numBytes);
    return IPCZ_RESULT_OK;
  }

  private endAt(handle: IpczDriverHandle): LineEnd {
    const object = this.world.at(handle, this);
    if (object.kind !== "transport") throw new Error("not a transport");
    return object;
  }
}
