/**
 * What values of several cases are made with.
 */

export interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}

export function resizable(bytes: number, maxByteLength: number): Resizable {
  return new (
    ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => Resizable
  )(bytes, { maxByteLength });
}

/** An error with the same stack wherever it is made. */
export function errorOf(make: () => Error, stack = "a stack"): Error {
  const error = make();
  error.stack = stack;
  return error;
}

/** An object with more than properties. */
export class Custom {
  own = 1;
  #hidden = 2;
  get computed(): number {
    return this.#hidden;
  }
}

/** A class that the types of the oldest supported platform do not know. */
export function platformClass(name: string): new (...values: unknown[]) => object {
  return name
    .split(".")
    .reduce<unknown>((found, part) => (found as Record<string, unknown>)[part], globalThis) as new (
    ...values: unknown[]
  ) => object;
}
