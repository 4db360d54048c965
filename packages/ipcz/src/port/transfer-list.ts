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

/** What is to be transferred. */
export interface TransferList {
  /** Their bytes travel in the message; here they are detached. */
  readonly buffers: readonly ArrayBuffer[];
  /** In the order of the list. */
  readonly departures: readonly Departure[];
  readonly isEmpty: boolean;
}

const nothing: TransferList = { buffers: [], departures: [], isEmpty: true };

/** Throws for what cannot be transferred, with nothing changed. */
export function readTransferList(
  options: TransferOptions | undefined,
  origin: Origin,
  kinds: CargoKinds,
): TransferList {
  const list = listIn(options);
  if (list.length === 0) return nothing;
  const buffers: ArrayBuffer[] = [];
  const departures: Departure[] = [];
  const seen = new Set<unknown>();
  let handles = 0;
  for (const item of list) {
    if (types.isArrayBuffer(item)) {
      if (seen.has(item)) throw dataCloneError("Transfer list contains duplicate ArrayBuffer");
      if (isDetached(item)) throw dataCloneError("An ArrayBuffer in the transfer list is detached");
      buffers.push(item);
    } else {
      if (seen.has(item)) throw dataCloneError("Transfer list contains an object twice");
      const departure = kinds.departureOf(item, origin);
      handles += handlesPerKind[departure.kind] ?? 0;
      departures.push(departure);
    }
    seen.add(item);
  }
  if (handles > handlesMax)
    throw dataCloneError(`A message carries at most ${handlesMax} ports and descriptors.`);
  return { buffers, departures, isEmpty: false };
}

/**
 * Detaches the buffers, all of them or (it throws) none, and then lets everything else leave; the handles are the
 * caller's.
 */
export function depart({ buffers, departures }: TransferList): IpczHandle[] {
  if (buffers.length > 0) structuredClone(null, { transfer: [...buffers] });
  return departures.flatMap((departure) => departure.leave());
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
