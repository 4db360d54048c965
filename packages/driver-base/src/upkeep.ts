/**
 * What is done with a driver's objects whatever they are: one is closed, all are, and what keeps the process alive.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { DriverObject } from "./driver-objects.ts";

/** What an application can ask of a driver about keeping the process alive, and about its end. */
export interface DriverUpkeep {
  /** While active, this transport keeps the process alive. */
  ref(transport: IpczDriverHandle): void;
  /** This transport does not keep the process alive. */
  unref(transport: IpczDriverHandle): void;
  /** Whether active transports and listeners, those there are and those to come, keep the process alive. */
  keepAlive(wanted: boolean): void;
  /** Closes everything that is open, without waiting for anything to be sent. For the end of a thread or a test. */
  dispose(): void;
}

/** A name that is listened at. */
export interface Listening {
  /** Whether it keeps the process alive. */
  refer(referenced: boolean): void;
  /** Ends it. */
  close(): void;
}

/** A transport, as these functions need it. */
export interface KeptTransport {
  /** Whether it keeps the process alive while it is active. */
  refer(referenced: boolean): void;
  /** Ends it at once, whatever waits to be sent. */
  dispose(): void;
}

/** The objects of a driver, as these functions need them. */
export interface KeptObjects {
  /** The transport that a handle names; null for any other number. */
  transport(handle: IpczDriverHandle): KeptTransport | null;
  /** Takes an object out; undefined for any number that names none. */
  take(handle: IpczDriverHandle): Pick<DriverObject, "close"> | undefined;
  /** All objects with their handles, as they are now. */
  entries(): readonly (readonly [IpczDriverHandle, unknown])[];
}

/** What a driver has for these functions. */
export interface UpkeepParts {
  readonly objects: KeptObjects;
  /** Closed transports that still send. */
  readonly lingering: Iterable<KeptTransport>;
  readonly listeners: Iterable<Listening>;
  /** Whether active transports and listeners keep the process alive. */
  readonly keepsAlive: { wanted: boolean };
}

/** The functions over one driver's parts. */
export function upkeepFunctions(parts: UpkeepParts): DriverUpkeep & Pick<IpczDriver, "Close"> {
  const { objects, lingering, listeners, keepsAlive } = parts;
  return {
    Close: (handle) => {
      const object = objects.take(handle);
      object?.close();
      return object ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
    },
    ref: (transport) => objects.transport(transport)?.refer(true),
    unref: (transport) => objects.transport(transport)?.refer(false),
    keepAlive: (wanted) => {
      keepsAlive.wanted = wanted;
      for (const listener of listeners) listener.refer(wanted);
      for (const [handle] of objects.entries()) objects.transport(handle)?.refer(wanted);
    },
    dispose: () => {
      for (const listener of listeners) listener.close();
      for (const [handle] of objects.entries()) objects.take(handle)?.close();
      for (const transport of lingering) transport.dispose();
    },
  };
}
