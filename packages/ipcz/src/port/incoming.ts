/**
 * A parcel of a port back into a message.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczHandle,
  type IpczTransaction,
} from "@ipcz/api";
import { BytesIn, MalformedMessage } from "../clone/bytes-in.ts";
import { ValueReader } from "../clone/read-value.ts";
import { errorOf } from "../errors/ipcz-error.ts";
import type { Context } from "../objects/context.ts";
import type { Arrival, CargoKinds } from "./cargo.ts";
import { handlesMax, handlesPerKind, readHeader } from "./message-format.ts";

/** What came in. */
export type Incoming =
  | { readonly type: "message"; readonly value: unknown; readonly arrivals: readonly object[] }
  /** A parcel that is no message, or the place of one that could not be sent. */
  | { readonly type: "messageerror"; readonly error: Error };

const noBytes = new Uint8Array(0);

// Cells for the calls below; nothing happens between setting and reading them.
const data: { value: Uint8Array | null } = { value: null };
const numBytes = { value: 0 };
const numHandles = { value: 0 };
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- filled in by the call
const transaction = { value: 0 as IpczTransaction };

/** Takes the next message; `empty`: there is none now, `dead`: there will be none any more. */
export function takeMessage(
  context: Context,
  portal: IpczHandle,
  kinds: CargoKinds,
): Incoming | "empty" | "dead" {
  const { api } = context;
  let handles: IpczHandle[] = [];
  numHandles.value = 0;
  let result = api.BeginGet(portal, 0, null, data, numBytes, null, numHandles, transaction);
  if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    handles = Array.from({ length: numHandles.value }, () => IPCZ_INVALID_HANDLE);
    result = api.BeginGet(portal, 0, null, data, numBytes, handles, numHandles, transaction);
  }
  if (result === IPCZ_RESULT_UNAVAILABLE) return "empty";
  if (result === IPCZ_RESULT_NOT_FOUND) return "dead";
  if (result !== IPCZ_RESULT_OK) throw errorOf(result, "receive a message");
  // The bytes may be shared with the sender: they are read once, by a reader that expects anything.
  const bytes = data.value ?? noBytes;
  data.value = null;
  const pending = transaction.value;
  const incoming = readMessage(context, bytes, handles, kinds);
  api.EndGet(portal, pending, IPCZ_NO_FLAGS, null, null);
  return incoming;
}

function readMessage(
  context: Context,
  bytes: Uint8Array,
  handles: readonly IpczHandle[],
  cargo: CargoKinds,
): Incoming {
  const arrivals: Arrival[] = [];
  let taken = 0;
  try {
    if (handles.length > handlesMax) throw new MalformedMessage("too many handles");
    const from = new BytesIn(bytes);
    const kinds = readHeader(from, handles.length);
    if (kinds === null) throw new MalformedMessage("the sender could not read what was posted");
    for (const kind of kinds) {
      const next = taken + (handlesPerKind[kind] ?? 0);
      const arrival = cargo.arrivalOf(kind, handles.slice(taken, next), context);
      taken = next;
      arrivals.push(arrival);
    }
    const objects = arrivals.map(({ object }) => object);
    const value = new ValueReader(from, objects).read();
    if (from.remaining > 0) throw new MalformedMessage("a message goes on after its end");
    return { type: "message", value, arrivals: objects };
  } catch (cause) {
    for (const arrival of arrivals) arrival.discard();
    for (const handle of handles.slice(taken)) context.api.Close(handle, IPCZ_NO_FLAGS, null);
    const why = cause instanceof Error ? cause.message : String(cause);
    return {
      type: "messageerror",
      error: new Error(`a message could not be read: ${why}`, { cause }),
    };
  }
}
