/**
 * Opaque handles, and the cells through which a call gives its outputs.
 *
 * A handle is a number without meaning to its holder. 0 is never valid. Handles of a native library are
 * user-space addresses, which fit below 2^53; ours carry a generation, so that a closed handle finds nothing.
 */

declare const brand: unique symbol;

/** A node, portal, box, parcel object or listener, as an {@link IpczAPI} names it. C: `IpczHandle`. */
export type IpczHandle = number & { readonly [brand]: "IpczHandle" };

/** A driver's own name for an object of its: transport, memory, mapping or other. C: `IpczDriverHandle`. */
export type IpczDriverHandle = number & { readonly [brand]: "IpczDriverHandle" };

/** One pending two-phase put or get; belongs to the portal or parcel it was begun on. C: `IpczTransaction`. */
export type IpczTransaction = number & { readonly [brand]: "IpczTransaction" };

/** The handle that names nothing. */
export const IPCZ_INVALID_HANDLE: IpczHandle = 0 as IpczHandle;
/** The driver handle that names nothing; also "no transport" where a driver function takes one. */
export const IPCZ_INVALID_DRIVER_HANDLE: IpczDriverHandle = 0 as IpczDriverHandle;

/**
 * Where a call writes one output, and reads it first where C says "in/out".
 *
 * It stands for one C pointer to one value. The caller owns the cell and may use it for any number of calls,
 * so that a hot call allocates nothing. Where C allows a null pointer, `null` is allowed here.
 */
export interface Out<T> {
  /** The value; as the caller left it when the call fails, unless the function says otherwise. */
  value: T;
}

/**
 * A value of the application, handed back untouched. C: `uintptr_t`.
 *
 * Anything may be passed to a TypeScript implementation; a native one takes numbers and bigints only.
 */
export type IpczContext = unknown;
