/**
 * What can travel beside a value, as the code that sends and receives messages sees it.
 *
 * A kind of cargo has a departure and an arrival, in the file of its kind; `cargo-kinds.ts` lists them.
 */
import type { IpczHandle } from "@ipcz/api";
import type { Context } from "../objects/context.ts";
import type { TransferKind } from "./message-format.ts";

/** Something of a transfer list that is about to leave. Nothing has changed until {@link Departure.leave}. */
export interface Departure {
  readonly kind: TransferKind;
  /** What stands in the transfer list, and in the value. */
  readonly object: object;
  /** Its handles in the table of `object`'s node, to be sent from `source`, now or as soon as `wait` says. */
  leave(): readonly IpczHandle[];
  /** What must have happened before its handles are sent; null: nothing. */
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
