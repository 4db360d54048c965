/**
 * Handlers of application objects as native functions: where they came from, or, for one of JavaScript, a function made
 * for it.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_OK,
  type IpczApplicationObjectDestructor,
  type IpczApplicationObjectSerializer,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import { barrier, voidBarrier } from "../border/barrier.ts";
import { cellAt, writeCell } from "../border/cells.ts";
import { contextFromNative } from "../border/context.ts";
import { viewBytes, writeWords } from "../border/native-memory.ts";
import { callbackAddress } from "../border/table.ts";
import { HANDLER_SIGNATURES } from "../c/functions.ts";
import type { Address } from "../ffi/foreign.ts";
import { addressOfHandler } from "./native-handlers.ts";

const made = new WeakMap<object, Address>();

/** Where `serializer` can be called; 0 for none. */
export function serializerAddress(serializer: IpczApplicationObjectSerializer | null): Address {
  return addressFor(serializer, (each) =>
    callbackAddress(
      HANDLER_SIGNATURES.IpczApplicationObjectSerializer,
      (object: number | bigint, ...facts: SerializerFacts) =>
        barrier(() => callSerializer(each, contextFromNative(object), facts)),
    ),
  );
}

/** Where `destructor` can be called; 0 for none. */
export function destructorAddress(destructor: IpczApplicationObjectDestructor | null): Address {
  return addressFor(destructor, (each) =>
    callbackAddress(HANDLER_SIGNATURES.IpczApplicationObjectDestructor, (object: number | bigint) =>
      voidBarrier(() => each(contextFromNative(object), 0, null)),
    ),
  );
}

function addressFor<F extends object>(handler: F | null, make: (handler: F) => Address): Address {
  if (handler === null) return 0n;
  const native = addressOfHandler(handler);
  if (native !== null) return BigInt(native);
  const address = made.get(handler) ?? make(handler);
  made.set(handler, address);
  return address;
}

/** What a native caller of a serializer passes after the object. */
export type SerializerFacts = [
  flags: number,
  options: number,
  data: number,
  numBytesAt: number,
  handlesAt: number,
  numHandlesAt: number,
];

/** Calls a serializer of JavaScript with pointers of native code. */
export function callSerializer(
  serializer: IpczApplicationObjectSerializer,
  object: unknown,
  facts: SerializerFacts,
): IpczResult {
  const [, , data, numBytesAt, handlesAt, numHandlesAt] = facts;
  const numBytes = cellAt(numBytesAt);
  const numHandles = cellAt(numHandlesAt);
  const capacity = numHandles?.value ?? 0;
  const bytes = viewBytes(data, numBytes?.value ?? 0);
  const handles: IpczHandle[] | null =
    handlesAt === 0 ? null : Array.from({ length: capacity }, () => IPCZ_INVALID_HANDLE);
  const result = serializer(object, 0, null, bytes, numBytes, handles, numHandles);
  writeCell(numBytesAt, numBytes);
  writeCell(numHandlesAt, numHandles);
  if (result === IPCZ_RESULT_OK && handles !== null) {
    writeWords(handlesAt, handles, Math.min(handles.length, capacity));
  }
  return result;
}
