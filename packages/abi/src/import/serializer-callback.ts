/**
 * The serializer that native code calls for application objects of JavaScript.
 *
 * It has to answer, so it runs on this thread; a native thread that calls it waits until the event loop has run it.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_OK,
  type IpczHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { barrier } from "../border/barrier.ts";
import { readWordAt, viewBytes, writeWordAt, writeWords } from "../border/native-memory.ts";
import { boxedObjects } from "../border/reports.ts";
import { callbackAddress } from "../border/table.ts";
import { HANDLER_SIGNATURES } from "../c/functions.ts";
import type { Address } from "../ffi/foreign.ts";

let made: Address | null = null;

/** Where it is. */
export function serializerAddress(): Address {
  made ??= callbackAddress(
    HANDLER_SIGNATURES.IpczApplicationObjectSerializer,
    (...facts: SerializerFacts) => barrier(() => serialize(facts)),
  );
  return made;
}

type SerializerFacts = [
  id: number,
  flags: number,
  options: number,
  data: number,
  numBytesAt: number,
  handlesAt: number,
  numHandlesAt: number,
];

function serialize(facts: SerializerFacts): IpczResult {
  const [id, , , data, numBytesAt, handlesAt, numHandlesAt] = facts;
  const boxed = boxedObjects.get(id);
  if (!boxed?.serializer) return IPCZ_RESULT_FAILED_PRECONDITION;
  const numBytes = cellAt(numBytesAt);
  const numHandles = cellAt(numHandlesAt);
  const capacity = numHandles?.value ?? 0;
  const bytes = viewBytes(data, numBytes?.value ?? 0);
  const handles: IpczHandle[] | null =
    handlesAt === 0 ? null : Array.from({ length: capacity }, () => IPCZ_INVALID_HANDLE);
  const result = boxed.serializer(boxed.object, 0, null, bytes, numBytes, handles, numHandles);
  if (numBytes) writeWordAt(numBytesAt, numBytes.value);
  if (numHandles) writeWordAt(numHandlesAt, numHandles.value);
  if (result === IPCZ_RESULT_OK && handles) {
    writeWords(handlesAt, handles, Math.min(handles.length, capacity));
  }
  return result;
}

function cellAt(address: number): Out<number> | null {
  return address === 0 ? null : { value: readWordAt(address) };
}
