/**
 * One test's driver and everything it owns.
 *
 * A trial knows which handles are its own, closes what is left at the end, and then checks what every test must find:
 * each listener heard `DEACTIVATED` exactly once and nothing after it, no call broke a rule, no object is left over.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { Listener, type ListenerHost, type Received } from "./listener.ts";
import type { DriverConformanceOptions, Expect } from "./options.ts";

/** An object as `Serialize` left it. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly handles: IpczDriverHandle[];
}

/** Declares one test. */
export type DeclareTrial<D extends IpczDriver> = (
  name: string,
  body: (trial: Trial<D>) => Promise<void>,
) => void;

const ATTEMPTS_MAX = 10_000;
const ATTEMPTS_QUIET = 20;

/** A cell without a handle in it. */
export function handleCell(): Out<IpczDriverHandle> {
  return { value: IPCZ_INVALID_DRIVER_HANDLE };
}

/** A driver under test. */
export class Trial<D extends IpczDriver> implements ListenerHost {
  readonly driver: D;
  private readonly options: DriverConformanceOptions<D>;
  private readonly expect: Expect;
  private readonly owned = new Set<IpczDriverHandle>();
  private readonly listeners: Listener[] = [];
  private readonly liveBefore: number;

  constructor(options: DriverConformanceOptions<D>) {
    this.options = options;
    this.expect = options.expect;
    this.driver = options.createDriver();
    this.liveBefore = this.live();
  }

  own(handle: IpczDriverHandle): void {
    this.expect(handle === IPCZ_INVALID_DRIVER_HANDLE, "a driver's handle is never 0").toBe(false);
    this.owned.add(handle);
  }

  disown(handle: IpczDriverHandle): void {
    this.owned.delete(handle);
  }

  closeEnvelope(handle: IpczDriverHandle): void {
    if (handle !== IPCZ_INVALID_DRIVER_HANDLE) this.driver.Close(handle, 0, null);
  }

  close(handle: IpczDriverHandle): void {
    this.disown(handle);
    this.expect(this.driver.Close(handle, 0, null), "Close").toBe(IPCZ_RESULT_OK);
  }

  /** Two connected transports. */
  pair(): readonly [IpczDriverHandle, IpczDriverHandle] {
    return this.owning(this.options.createPair?.(this.driver) ?? this.createTransports());
  }

  /** Two connected transports that carry no objects; null when the driver has none. */
  relayOnlyPair(): readonly [IpczDriverHandle, IpczDriverHandle] | null {
    const pair = this.options.createRelayOnlyPair?.(this.driver);
    return pair === undefined ? null : this.owning(pair);
  }

  /** A pair as a broker makes it for the nodes behind two transports. */
  createTransports(
    transport0: IpczDriverHandle = IPCZ_INVALID_DRIVER_HANDLE,
    transport1: IpczDriverHandle = IPCZ_INVALID_DRIVER_HANDLE,
  ): [IpczDriverHandle, IpczDriverHandle] {
    const new0 = handleCell();
    const new1 = handleCell();
    const result = this.driver.CreateTransports(transport0, transport1, 0, null, new0, new1);
    this.expect(result, "CreateTransports").toBe(IPCZ_RESULT_OK);
    this.own(new0.value);
    this.own(new1.value);
    return [new0.value, new1.value];
  }

  /** Activates a transport; `prepare` may set the listener's answers before anything can arrive. */
  listen(transport: IpczDriverHandle, prepare?: (listener: Listener) => void): Listener {
    const value = (this.listeners.length + 1000) as IpczHandle;
    const listener = new Listener(this, transport, value);
    prepare?.(listener);
    this.listeners.push(listener);
    const result = this.driver.ActivateTransport(transport, value, listener.handler, 0, null);
    this.expect(result, "ActivateTransport").toBe(IPCZ_RESULT_OK);
    return listener;
  }

  deactivate(transport: IpczDriverHandle): void {
    this.driver.DeactivateTransport(transport, 0, null);
  }

  /** `Transmit`; the handles are gone afterwards, whatever it answers. */
  transmit(
    transport: IpczDriverHandle,
    bytes: Uint8Array | null,
    handles: readonly IpczDriverHandle[] = [],
  ): IpczResult {
    for (const handle of handles) this.disown(handle);
    const byteCount = bytes === null ? 0 : bytes.length;
    const list = handles.length === 0 ? null : handles;
    return this.driver.Transmit(transport, bytes, byteCount, list, handles.length, 0, null);
  }

  /** `Transmit` that must succeed. */
  send(
    transport: IpczDriverHandle,
    bytes: Uint8Array | null,
    handles: readonly IpczDriverHandle[] = [],
  ): void {
    this.expect(this.transmit(transport, bytes, handles), "Transmit").toBe(IPCZ_RESULT_OK);
  }

  /** Settles until `condition` holds, and fails the test when it never does. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const attemptsMax = this.options.attemptsMax ?? ATTEMPTS_MAX;
    for (let attempt = 0; attempt < attemptsMax && !condition(); attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- each attempt follows the one before
      await this.options.settle(this.driver);
    }
    this.expect(condition(), `in time: ${what}`).toBe(true);
  }

  /** Lets everything happen that might still happen. */
  async quiet(): Promise<void> {
    const attempts = this.options.attemptsQuiet ?? ATTEMPTS_QUIET;
    for (let attempt = 0; attempt < attempts; attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- each attempt follows the one before
      await this.options.settle(this.driver);
    }
  }

  /** New shared memory. */
  memory(byteCount: number): IpczDriverHandle {
    const memory = handleCell();
    const result = this.driver.AllocateSharedMemory(byteCount, 0, null, memory);
    this.expect(result, "AllocateSharedMemory").toBe(IPCZ_RESULT_OK);
    this.own(memory.value);
    return memory.value;
  }

  /** Maps a region. */
  map(memory: IpczDriverHandle): { view: Uint8Array; mapping: IpczDriverHandle } {
    const address: Out<Uint8Array> = { value: new Uint8Array(0) };
    const mapping = handleCell();
    const result = this.driver.MapSharedMemory(memory, 0, null, address, mapping);
    this.expect(result, "MapSharedMemory").toBe(IPCZ_RESULT_OK);
    this.own(mapping.value);
    return { view: address.value, mapping: mapping.value };
  }

  /** Memory that can be recognised by its first byte. */
  markedMemory(mark: number): IpczDriverHandle {
    const memory = this.memory(64);
    const { view, mapping } = this.map(memory);
    view[0] = mark;
    this.close(mapping);
    return memory;
  }

  markOf(memory: IpczDriverHandle): number {
    const { view, mapping } = this.map(memory);
    const mark = view[0] ?? -1;
    this.close(mapping);
    return mark;
  }

  /** Serializes an object for a transport, as ipcz does: sizes first. It is consumed. */
  pack(object: IpczDriverHandle, transport: IpczDriverHandle): Packed {
    const { driver, expect } = this;
    const numBytes = { value: 0 };
    const numHandles = { value: 0 };
    const sized = driver.Serialize(object, transport, 0, null, null, numBytes, null, numHandles);
    expect(sized, "Serialize, sizing").toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    const bytes = new Uint8Array(numBytes.value);
    const handles: IpczDriverHandle[] = Array.from(
      { length: numHandles.value },
      () => IPCZ_INVALID_DRIVER_HANDLE,
    );
    const done = driver.Serialize(object, transport, 0, null, bytes, numBytes, handles, numHandles);
    expect(done, "Serialize").toBe(IPCZ_RESULT_OK);
    expect([numBytes.value, numHandles.value], "exact counts").toEqual([
      bytes.length,
      handles.length,
    ]);
    this.disown(object);
    for (const handle of handles) this.own(handle);
    return { bytes, handles };
  }

  /** Makes an object of what arrived on `transport`. */
  unpack(received: Received, transport: IpczDriverHandle): IpczDriverHandle {
    const object = handleCell();
    const result = this.tryUnpack(received.bytes, received.handles, transport, object);
    this.expect(result, "Deserialize").toBe(IPCZ_RESULT_OK);
    return object.value;
  }

  /** `Deserialize`, which may fail; the handles are gone in any case. */
  tryUnpack(
    bytes: Uint8Array,
    handles: readonly IpczDriverHandle[],
    transport: IpczDriverHandle,
    object: Out<IpczDriverHandle>,
  ): IpczResult {
    for (const handle of handles) this.disown(handle);
    const result = this.driver.Deserialize(
      bytes,
      bytes.length,
      handles,
      handles.length,
      transport,
      0,
      null,
      object,
    );
    if (result === IPCZ_RESULT_OK) this.own(object.value);
    return result;
  }

  /** Sends an object over a transport whose other end is `receiver`; what arrives, not yet unpacked. */
  async carry(
    object: IpczDriverHandle,
    transport: IpczDriverHandle,
    receiver: Listener,
  ): Promise<Received> {
    const index = receiver.messages.length;
    const { bytes, handles } = this.pack(object, transport);
    this.send(transport, bytes, handles);
    await this.until(() => receiver.messages.length > index, "the object has arrived");
    const received = receiver.messages[index];
    return received ?? { bytes: new Uint8Array(0), handles: [] };
  }

  /** Ends every listener and closes what is left, then checks what must hold after every test. */
  async finish(): Promise<void> {
    for (const { deactivatedCount, transport } of this.listeners) {
      if (deactivatedCount === 0) this.deactivate(transport);
    }
    await this.until(
      () => this.listeners.every(({ deactivatedCount }) => deactivatedCount > 0),
      "every listener hears DEACTIVATED",
    );
    for (const handle of this.owned) this.close(handle);
    if (this.options.liveObjects !== undefined)
      await this.until(() => this.live() === this.liveBefore, "no object is left over");
    await this.quiet();
    for (const { broken, deactivatedCount, inBatch } of this.listeners) {
      this.expect(inBatch, "a batch that does not end").toBe(false);
      this.expect(broken, "rules broken by notifications").toEqual([]);
      this.expect(deactivatedCount, "DEACTIVATED notifications").toBe(1);
    }
  }

  private live(): number {
    return this.options.liveObjects?.(this.driver) ?? 0;
  }

  private owning(
    pair: readonly [IpczDriverHandle, IpczDriverHandle],
  ): readonly [IpczDriverHandle, IpczDriverHandle] {
    this.own(pair[0]);
    this.own(pair[1]);
    return pair;
  }
}

/** Declares tests that get a trial and end with its checks. */
export function trials<D extends IpczDriver>(
  options: DriverConformanceOptions<D>,
): DeclareTrial<D> {
  return (name, body) => {
    options.it(name, async () => {
      const trial = new Trial(options);
      try {
        await body(trial);
        await trial.finish();
      } finally {
        await options.dispose?.(trial.driver);
      }
    });
  };
}
