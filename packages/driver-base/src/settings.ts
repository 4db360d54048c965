/**
 * What an application can say about its driver, whatever the system, and what holds when it says nothing.
 */
import type { BadTransportActivity } from "./life-functions.ts";

/** What a driver can be told when it is made. */
export interface DriverOptions {
  /** Whether active transports keep the process alive; true by default. */
  readonly ref?: boolean;
  /** Longest frame sent or accepted, header included; 1 GiB by default. */
  readonly frameBytesMax?: number;
  /**
   * Bytes that may wait in one transport, 1 GiB by default. A message too many ends the transport, since one that is
   * not sent could never be made up for; see `backlog` on how to stay below.
   */
  readonly backlogBytesMax?: number;
  /** How long a closed transport goes on sending what was transmitted before, in milliseconds; 10 000 by default. */
  readonly lingerMs?: number;
  /** Told when the application rejects a parcel that came over a transport. Nothing else is done about it. */
  readonly onBadTransportActivity?: BadTransportActivity;
}

/** The same with defaults filled in. */
export interface DriverSettings {
  readonly referenced: boolean;
  readonly frameBytesMax: number;
  readonly backlogBytesMax: number;
  readonly lingerMs: number;
}

/**
 * Longest frame sent or accepted, unless an option says otherwise: 1 GiB. A frame is one message, and nobody sends such
 * a message on purpose. Memory is taken only as the bytes arrive.
 */
const frameBytesMaxDefault: number = 2 ** 30;

/**
 * Bytes that may wait in one transport, unless an option says otherwise: 1 GiB. Whoever looks at the backlog stays far
 * below; for everybody else this is where a peer that does not read stops costing memory.
 */
const backlogBytesMaxDefault: number = 2 ** 30;

/** How long a closed transport goes on sending what was transmitted before, unless an option says otherwise. */
const lingerMsDefault = 10_000;

/** Fills in what `options` leave out; the format has no longer frames than `frameBytesLimit`, whatever they say. */
export function settingsOf(options: DriverOptions, frameBytesLimit: number): DriverSettings {
  return {
    referenced: options.ref ?? true,
    frameBytesMax: Math.min(options.frameBytesMax ?? frameBytesMaxDefault, frameBytesLimit),
    backlogBytesMax: options.backlogBytesMax ?? backlogBytesMaxDefault,
    lingerMs: options.lingerMs ?? lingerMsDefault,
  };
}
