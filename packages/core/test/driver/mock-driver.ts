/**
 * A driver for tests: counts every handle, refuses on request, and remembers what was asked of it.
 *
 * Closing a handle that is not open throws, so that closing twice cannot pass a test.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczResult,
  type IpczTransportActivityHandler,
  type IpczTransportActivityOptions,
  type Out,
} from "@ipcz/api";

export interface MockObject {
  readonly kind: string;
  /** Of memory and mappings. */
  readonly bytes?: Uint8Array;
  /** Of transports. */
  listener?: IpczHandle;
  handler?: IpczTransportActivityHandler;
  /** Of objects that can be serialized: what they become. */
  readonly data?: Uint8Array;
  readonly handles?: readonly IpczDriverHandle[];
  /** What Serialize answers instead, without and with a buffer. */
  probeResult?: IpczResult;
  packResult?: IpczResult;
}

export interface Transmission {
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczDriverHandle[];
}

export class MockDriver implements IpczDriver {
  readonly size = IPCZ_DRIVER_SIZE;
  readonly objects = new Map<IpczDriverHandle, MockObject>();
  /** Names of the calls made, in order, with the kind of object. */
  readonly calls: string[] = [];
  readonly transmissions: Transmission[] = [];
  /** Calls that answer RESOURCE_EXHAUSTED, by name. */
  readonly failing = new Set<string>();
  /** Runs inside the call of that name, before it answers. */
  readonly inside = new Map<string, () => void>();
  /** Whether DeactivateTransport delivers DEACTIVATED by itself. */
  endsAtOnce = true;
  /** Bytes by which mappings are shorter than their memory, and shifted in their buffer. */
  mappingShort = 0;
  mappingShift = 0;
  private next = 1;

  get liveCount(): number {
    return this.objects.size;
  }

  /** An open handle. */
  make(object: MockObject): IpczDriverHandle {
    const handle = this.next++ as IpczDriverHandle;
    this.objects.set(handle, object);
    return handle;
  }

  /** An object that serializes to these bytes and `handleCount` fresh handles. */
  blob(data: readonly number[], handleCount = 0): IpczDriverHandle {
    const handles = Array.from({ length: handleCount }, () => this.make({ kind: "part" }));
    return this.make({ kind: "blob", data: Uint8Array.from(data), handles });
  }

  /** One notification for an active transport. */
  notify(
    transport: IpczDriverHandle,
    flags: number,
    data: Uint8Array | null = null,
    handles: readonly IpczDriverHandle[] | null = null,
    options: IpczTransportActivityOptions | null = null,
  ): IpczResult {
    const { listener, handler } = this.at(transport);
    if (!handler || listener === undefined) throw new Error("not active");
    return handler(
      listener,
      data,
      data?.length ?? 0,
      handles,
      handles?.length ?? 0,
      flags,
      options,
    );
  }

  Close(handle: IpczDriverHandle): IpczResult {
    this.enter("Close", handle);
    this.objects.delete(handle);
    return IPCZ_RESULT_OK;
  }

  Serialize(
    handle: IpczDriverHandle,
    _transport: IpczDriverHandle,
    _flags: number,
    _options: null,
    data: Uint8Array | null,
    numBytes: Out<number> | null,
    handles: IpczDriverHandle[] | null,
    numHandles: Out<number> | null,
  ): IpczResult {
    this.enter("Serialize", handle);
    const object = this.at(handle);
    if (object.probeResult !== undefined) return object.probeResult;
    const bytesNeeded = object.data?.length ?? 0;
    const handlesNeeded = object.handles?.length ?? 0;
    const roomy =
      (numBytes?.value ?? 0) >= bytesNeeded && (numHandles?.value ?? 0) >= handlesNeeded;
    if (numBytes) numBytes.value = bytesNeeded;
    if (numHandles) numHandles.value = handlesNeeded;
    if (!roomy) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    if (object.packResult !== undefined) return object.packResult;
    data?.set(object.data ?? []);
    object.handles?.forEach((part, index) => {
      if (handles) handles[index] = part;
    });
    this.objects.delete(handle);
    return IPCZ_RESULT_OK;
  }

  /** Makes a blob of bytes and handles; refuses bytes that begin with 0xff. Takes the handles either way. */
  Deserialize(
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
    _numDriverHandles: number,
    _transport: IpczDriverHandle,
    _flags: number,
    _options: null,
    handle: Out<IpczDriverHandle>,
  ): IpczResult {
    this.enter("Deserialize", null);
    for (const part of driverHandles ?? []) {
      this.at(part);
      this.objects.delete(part);
    }
    if (data?.[0] === 0xff) return IPCZ_RESULT_INVALID_ARGUMENT;
    handle.value = this.make({ kind: "blob", data: (data ?? new Uint8Array()).slice(0, numBytes) });
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
    const object = this.at(transport);
    object.listener = listener;
    object.handler = handler;
    this.enter("ActivateTransport", transport);
    return this.answer("ActivateTransport");
  }

  DeactivateTransport(transport: IpczDriverHandle): IpczResult {
    this.enter("DeactivateTransport", transport);
    if (this.endsAtOnce) this.notify(transport, 2);
    return IPCZ_RESULT_OK;
  }

  Transmit(
    transport: IpczDriverHandle,
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
  ): IpczResult {
    this.enter("Transmit", transport);
    const bytes = (data ?? new Uint8Array()).slice(0, numBytes);
    this.transmissions.push({ bytes, handles: [...(driverHandles ?? [])] });
    return this.answer("Transmit");
  }

  ReportBadTransportActivity(transport: IpczDriverHandle): IpczResult {
    this.enter("ReportBadTransportActivity", transport);
    return IPCZ_RESULT_OK;
  }

  AllocateSharedMemory(
    numBytes: number,
    _flags: number,
    _options: null,
    driverMemory: Out<IpczDriverHandle>,
  ): IpczResult {
    this.enter("AllocateSharedMemory", null);
    if (this.failing.has("AllocateSharedMemory")) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    driverMemory.value = this.makeMemory(numBytes);
    return IPCZ_RESULT_OK;
  }

  makeMemory(numBytes: number): IpczDriverHandle {
    return this.make({ kind: "memory", bytes: new Uint8Array(new ArrayBuffer(numBytes)) });
  }

  GetSharedMemoryInfo(
    driverMemory: IpczDriverHandle,
    _flags: number,
    _options: null,
    info: { size: number; regionNumBytes: number },
  ): IpczResult {
    this.enter("GetSharedMemoryInfo", driverMemory);
    const { kind, bytes } = this.at(driverMemory);
    if (kind !== "memory" || !bytes) return IPCZ_RESULT_INVALID_ARGUMENT;
    info.regionNumBytes = bytes.length;
    return this.answer("GetSharedMemoryInfo");
  }

  DuplicateSharedMemory(
    driverMemory: IpczDriverHandle,
    _flags: number,
    _options: null,
    newDriverMemory: Out<IpczDriverHandle>,
  ): IpczResult {
    this.enter("DuplicateSharedMemory", driverMemory);
    if (this.failing.has("DuplicateSharedMemory")) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    newDriverMemory.value = this.make({ ...this.at(driverMemory) });
    return IPCZ_RESULT_OK;
  }

  MapSharedMemory(
    driverMemory: IpczDriverHandle,
    _flags: number,
    _options: null,
    address: Out<Uint8Array>,
    driverMapping: Out<IpczDriverHandle>,
  ): IpczResult {
    this.enter("MapSharedMemory", driverMemory);
    if (this.failing.has("MapSharedMemory")) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    const { bytes } = this.at(driverMemory);
    if (!bytes) return IPCZ_RESULT_INVALID_ARGUMENT;
    address.value = bytes.subarray(this.mappingShift, bytes.length - this.mappingShort);
    driverMapping.value = this.make({ kind: "mapping", bytes });
    return IPCZ_RESULT_OK;
  }

  GenerateRandomBytes(
    numBytes: number,
    _flags: number,
    _options: null,
    buffer: Uint8Array,
  ): number {
    buffer.fill(7, 0, numBytes);
    return IPCZ_RESULT_OK;
  }

  at(handle: IpczDriverHandle): MockObject {
    const object = this.objects.get(handle);
    if (!object) throw new Error(`driver handle ${handle} is not open`);
    return object;
  }

  private enter(name: string, handle: IpczDriverHandle | null): void {
    this.calls.push(handle === null ? name : `${name} ${this.at(handle).kind}`);
    const inside = this.inside.get(name);
    this.inside.delete(name);
    inside?.();
  }

  private answer(name: string): IpczResult {
    return this.failing.has(name) ? IPCZ_RESULT_RESOURCE_EXHAUSTED : IPCZ_RESULT_OK;
  }
}
