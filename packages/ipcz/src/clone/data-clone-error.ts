/**
 * What a value that cannot travel raises, as the platform's own structured clone does.
 */

/** A `DataCloneError`: `DOMException` with code 25. */
export function dataCloneError(message: string): DOMException {
  return new DOMException(message, "DataCloneError");
}

/** As V8 says it: which value, and that it cannot be cloned. */
export function cannotClone(value: unknown): DOMException {
  return dataCloneError(`${describe(value)} could not be cloned.`);
}

function describe(value: unknown): string {
  if (typeof value === "symbol") return value.toString();
  if (typeof value === "function") return Function.prototype.toString.call(value);
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Object]" ? "#<Object>" : tag.replace("[object ", "#<").replace("]", ">");
}
