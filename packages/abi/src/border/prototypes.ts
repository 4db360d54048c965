/**
 * Declared function types as the seam takes them.
 *
 * Calls into native code take pointers as `void *`, so that bytes can be passed as they are; calls out of it give
 * pointers as numbers, which are quicker to do sums with than bigints.
 */
import type { Signature } from "../c/functions.ts";
import type { Foreign, NativePrototype } from "../ffi/foreign.ts";

/** For functions that we call. */
export function callPrototype(foreign: Foreign, signature: Signature): NativePrototype {
  return prototypeOf(foreign, signature, "void *");
}

/** For functions that native code calls. */
export function callbackPrototype(foreign: Foreign, signature: Signature): NativePrototype {
  return prototypeOf(foreign, signature, "uint64_t");
}

function prototypeOf(
  foreign: Foreign,
  { parameters, result }: Signature,
  pointer: string,
): NativePrototype {
  return foreign.prototype(
    result ?? "int",
    parameters.map(({ type }) => seamType(type, pointer)),
  );
}

const pointerTypes = /\*$|Handler$|Serializer$|Destructor$/;

function seamType(type: string, pointer: string): string {
  if (type === "uint32_t") return type;
  return pointerTypes.test(type) ? pointer : "uint64_t";
}
