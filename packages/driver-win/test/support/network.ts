/**
 * Processes of a made-up Windows, each with a driver, and what tests do with them.
 */
import {
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import type { StartOptions } from "../../src/child.ts";
import { driverOver, type WinDriver, type WinDriverOptions } from "../../src/driver.ts";
import { FakeWindows, type FakeProcess } from "./fake-windows.ts";

export const none = 0 as IpczDriverHandle;

/** A process and the driver in it. */
export interface Seat {
  readonly process: FakeProcess;
  readonly driver: WinDriver;
}

/** Whoever has a driver. */
export type Holder = Pick<Seat, "driver">;

/** What a transport has told. */
export interface Heard {
  readonly messages: Uint8Array[];
  readonly flags: number[];
}

export function seat(process: FakeProcess, options: WinDriverOptions = {}): Seat {
  return { process, driver: driverOver(process, options) };
}

/** A broker on a new machine. */
export function broker(): Seat & { readonly machine: FakeWindows } {
  const machine = new FakeWindows();
  return { ...seat(machine.boot()), machine };
}

/** A started process: its driver, and the two ends of the transport between it and who started it. */
export interface StartedChild {
  readonly child: Seat;
  readonly toChild: IpczDriverHandle;
  readonly toParent: IpczDriverHandle;
}

export function startChild({ driver, process }: Seat, options: StartOptions = {}): StartedChild {
  const { transport } = driver.spawnWithTransport("child.exe", ["--quiet"], options);
  const started = process.children[process.children.length - 1];
  if (!started) throw new Error("nothing was started");
  const child = seat(started);
  return { child, toChild: transport, toParent: child.driver.inheritedTransport() };
}

/** What a listener may have beside its ears. */
interface ListenExtras {
  readonly onMessage?: () => void;
  readonly objectsIn?: IpczTransportActivityHandler["objectsIn"];
}

export function listen(
  { driver }: Holder,
  transport: IpczDriverHandle,
  { onMessage, objectsIn }: ListenExtras = {},
): Heard {
  const heard: Heard = { messages: [], flags: [] };
  const handler: IpczTransportActivityHandler = (_listener, data, numBytes, _h, _n, flags) => {
    if (flags === 0) heard.messages.push((data ?? new Uint8Array(0)).slice(0, numBytes));
    else heard.flags.push(flags);
    if (flags === 0) onMessage?.();
    return IPCZ_RESULT_OK;
  };
  const whole = objectsIn ? Object.assign(handler, { objectsIn }) : handler;
  const result = driver.ActivateTransport(transport, 7 as IpczHandle, whole, 0, null);
  if (result !== IPCZ_RESULT_OK) throw new Error(`ActivateTransport answered ${result}`);
  return heard;
}

/** Waits until something holds; the test's own time is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one turn after the other
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything happen that is under way. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- one turn after the other
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** New memory that begins with `mark`. */
export function memory({ driver }: Holder, mark = 1, numBytes = 5000): IpczDriverHandle {
  const made = { value: none };
  const result = driver.AllocateSharedMemory(numBytes, 0, null, made);
  if (result !== IPCZ_RESULT_OK) throw new Error(`AllocateSharedMemory answered ${result}`);
  view({ driver }, made.value)[0] = mark;
  return made.value;
}

/** The bytes of memory; the mapping is closed at once, which a made-up one does not mind. */
export function view({ driver }: Holder, handle: IpczDriverHandle): Uint8Array {
  const address = { value: new Uint8Array(0) };
  const mapping = { value: none };
  const result = driver.MapSharedMemory(handle, 0, null, address, mapping);
  if (result !== IPCZ_RESULT_OK) throw new Error(`MapSharedMemory answered ${result}`);
  driver.Close(mapping.value, 0, null);
  return address.value;
}

export function pair(
  { driver }: Holder,
  context0 = none,
  context1 = none,
): [IpczDriverHandle, IpczDriverHandle] {
  const [first, second] = [{ value: none }, { value: none }];
  const result = driver.CreateTransports(context0, context1, 0, null, first, second);
  if (result !== IPCZ_RESULT_OK) throw new Error(`CreateTransports answered ${result}`);
  return [first.value, second.value];
}

/** An object's bytes for a transport, or why there are none. */
export function pack(
  { driver }: Holder,
  object: IpczDriverHandle,
  transport: IpczDriverHandle,
): Uint8Array | IpczResult {
  const numBytes = { value: 0 };
  const sized = driver.Serialize(object, transport, 0, null, null, numBytes, null, null);
  if (sized !== IPCZ_RESULT_RESOURCE_EXHAUSTED) return sized;
  const bytes = new Uint8Array(numBytes.value);
  const result = driver.Serialize(object, transport, 0, null, bytes, numBytes, null, null);
  return result === IPCZ_RESULT_OK ? bytes : result;
}

export function send(
  { driver }: Holder,
  transport: IpczDriverHandle,
  bytes: Uint8Array,
): IpczResult {
  return driver.Transmit(transport, bytes, bytes.length, null, 0, 0, null);
}

/** Serializes and sends. Throws when that is refused. */
export function sendObject(
  from: Holder,
  object: IpczDriverHandle,
  transport: IpczDriverHandle,
): void {
  const bytes = pack(from, object, transport);
  if (typeof bytes === "number") throw new Error(`Serialize answered ${bytes}`);
  if (send(from, transport, bytes) !== IPCZ_RESULT_OK) throw new Error("Transmit failed");
}

/** The object that came over a transport; null when its bytes are refused. */
export function unpack(
  { driver }: Holder,
  bytes: Uint8Array | undefined,
  transport: IpczDriverHandle,
): IpczDriverHandle | null {
  const made = { value: none };
  const data = bytes ?? new Uint8Array(0);
  driver.Deserialize(data, data.length, null, 0, transport, 0, null, made);
  return made.value === none ? null : made.value;
}

/** Sends an object to a process that listens; what it makes of it. */
export async function carry(
  from: Holder,
  object: IpczDriverHandle,
  over: IpczDriverHandle,
  to: Holder,
  at: IpczDriverHandle,
  heard: Heard,
): Promise<IpczDriverHandle | null> {
  const index = heard.messages.length;
  sendObject(from, object, over);
  await settle();
  return unpack(to, heard.messages[index], at);
}
