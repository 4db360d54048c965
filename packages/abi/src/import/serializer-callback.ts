/**
 * The serializer that native code calls for application objects of JavaScript.
 *
 * It has to answer, so it runs on this thread; a native thread that calls it waits until the event loop has run it.
 */
import { IPCZ_RESULT_FAILED_PRECONDITION } from "@ipcz/api";
import { barrier } from "../border/barrier.ts";
import { boxedObjects } from "../border/reports.ts";
import { callbackAddress } from "../border/table.ts";
import { HANDLER_SIGNATURES } from "../c/functions.ts";
import { callSerializer, type SerializerFacts } from "../export/handler-addresses.ts";
import type { Address } from "../ffi/foreign.ts";

let made: Address | null = null;

/** Where it is. */
export function boxedSerializerAddress(): Address {
  made ??= callbackAddress(
    HANDLER_SIGNATURES.IpczApplicationObjectSerializer,
    (id: number, ...facts: SerializerFacts) =>
      barrier(() => {
        const boxed = boxedObjects.get(id);
        if (!boxed?.serializer) return IPCZ_RESULT_FAILED_PRECONDITION;
        return callSerializer(boxed.serializer, boxed.object, facts);
      }),
  );
  return made;
}
