/**
 * What can travel beside a value, as the code that sends and receives messages sees it.
 *
 * A kind of cargo has a departure and an arrival, in the file of its kind; `cargo-kinds.ts` lists them.
 */
import type { IpczHandle } from "@ipcz/api";
import type { Context } from "../objects/context.ts";
import type { TransferKind } from "./message-format.ts";

/** Something of a transfer list that is about to leave. It ends with `leave` or with `cancel`. */
export interface Departure {
  readonly kind: TransferKind;
  /** What stands in the transfer list, and in the value. */
  readonly object: object;
  /** What stands for it in a parcel; the message's from `leave` on. */
  readonly handles: readonly IpczHandle[];
  /** The message is on its way: the object has nothing left. */
  leave(): void;
  /** There will be no message: all is as it was. */
  cancel(): void;
  /** What must have happened before the message is sent; null: nothing. */
  readonly wait: Promise<void> | null;
}

/** Something that has arrived. */
export interface Arrival {
  /** What stands in the value. */
  readonly object: object;
  /** Nobody will ever see it. */
  discard(): void;
}

/** Where a departure starts. */
export interface Origin {
  readonly context: Context;
  /** The port the message is posted to; it cannot be its own cargo. */
  readonly port: object;
}

/** All kinds of cargo. */
export interface CargoKinds {
  /** Throws for what cannot be transferred. */
  departureOf(item: unknown, origin: Origin): Departure;
  /** Takes `handles`, as many as `kind` says; throws, and takes none, when they are not what they should be. */
  arrivalOf(kind: TransferKind, handles: readonly IpczHandle[], context: Context): Arrival;
}

/** As much of a port as other cargo needs. */
export interface PortLike {
  postMessage(value: unknown): void;
  on(type: string, listener: (value: unknown) => void): unknown;
  unref(): unknown;
  close(): void;
}
