/**
 * A transfer list, checked before anything happens to what is in it.
 */
import { types } from "node:util";
import type { IpczHandle } from "@ipcz/api";
import { dataCloneError } from "../clone/data-clone-error.ts";
import { isDetached } from "../clone/views.ts";
import type { CargoKinds, Departure, Origin } from "./cargo.ts";
import { handlesMax, handlesPerKind } from "./message-format.ts";

/** As `MessagePort` takes it. */
export type TransferListItem = object;
/** The second argument of `postMessage`. */
export type TransferOptions =
  readonly TransferListItem[] | { readonly transfer?: readonly TransferListItem[] } | null;

/** What is to be transferred; ended by `leave` or `cancel`. */
export class TransferList {
  /** Their bytes travel in the message; here they are detached. */
  readonly buffers: ArrayBuffer[] = [];
  /** In the order of the list. */
  readonly departures: Departure[] = [];

  get isEmpty(): boolean {
    return this.buffers.length === 0 && this.departures.length === 0;
  }

  /** All handles, in order. */
  get handles(): IpczHandle[] {
    return this.departures.flatMap(({ handles }) => handles);
  }

  /** What must have happened before the message is sent. */
  get waits(): Promise<void>[] {
    return this.departures.flatMap(({ wait }) => wait ?? []);
  }

  /** Detaches the buffers: all of them or (it throws) none. */
  detach(): void {
    if (this.buffers.length > 0) structuredClone(null, { transfer: this.buffers });
  }

  /** Everything else has left. */
  leave(): void {
    for (const departure of this.departures) departure.leave();
  }

  /** Nothing will. */
  cancel(): void {
    for (const departure of this.departures) departure.cancel();
  }
}

/** Throws for what cannot be transferred, with nothing changed. */
export function readTransferList(
  options: TransferOptions | undefined,
  origin: Origin,
  kinds: CargoKinds,
): TransferList {
  const list = new TransferList();
  const items = listIn(options);
  if (items.length === 0) return list;
  try {
    addAll(list, items, origin, kinds);
  } catch (error) {
    list.cancel();
    throw error;
  }
  return list;
}

function addAll(
  { buffers, departures }: TransferList,
  items: readonly unknown[],
  origin: Origin,
  kinds: CargoKinds,
): void {
  const seen = new Set<unknown>();
  let handles = 0;
  for (const item of items) {
    if (types.isArrayBuffer(item)) {
      if (seen.has(item)) throw dataCloneError("Transfer list contains duplicate ArrayBuffer");
      if (isDetached(item)) throw dataCloneError("An ArrayBuffer in the transfer list is detached");
      buffers.push(item);
    } else {
      if (seen.has(item)) throw dataCloneError("Transfer list contains an object twice");
      const departure = kinds.departureOf(item, origin);
      departures.push(departure);
      handles += handlesPerKind[departure.kind] ?? 0;
    }
    seen.add(item);
  }
  if (handles > handlesMax)
    throw dataCloneError(`A message carries at most ${handlesMax} ports and descriptors.`);
}

function listIn(options: TransferOptions | undefined): readonly unknown[] {
  if (options === undefined || options === null) return [];
  if (isIterable(options)) return [...options];
  if (typeof options !== "object")
    throw new TypeError("Optional transferList argument must be an iterable");
  const { transfer } = options as { readonly transfer?: unknown };
  if (transfer === undefined || transfer === null) return [];
  if (!isIterable(transfer))
    throw new TypeError("Optional options.transfer argument must be an iterable");
  return [...transfer];
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
