/**
 * The result codes of ipcz: the same sixteen numbers for API functions, driver functions and callbacks.
 *
 * Which function answers with which code, and in which order its checks run, is said at each function.
 * Sources: spec: api 1.3 (values), api 10 (function by code).
 */

/** A result code: `IPCZ_RESULT_OK` (0) or the number of a failure. C: `int`. */
export type IpczResult = number;

/** Success. */
export const IPCZ_RESULT_OK = 0;
/** Reserved; ipcz never answers with it. */
export const IPCZ_RESULT_CANCELLED = 1;
/** `ConnectNode`: the transport could not be activated, or the first handshake message not sent. */
export const IPCZ_RESULT_UNKNOWN = 2;
/** The caller's mistake: a bad handle, pointer, size, flag combination or transaction. */
export const IPCZ_RESULT_INVALID_ARGUMENT = 3;
/** Reserved; ipcz never answers with it. */
export const IPCZ_RESULT_DEADLINE_EXCEEDED = 4;
/** The peer is closed (on a put), or the portal is dead: closed and fully read (on a get). */
export const IPCZ_RESULT_NOT_FOUND = 5;
/** A conflicting two-phase get is pending. */
export const IPCZ_RESULT_ALREADY_EXISTS = 6;
/** Driver `Serialize` only: this object cannot travel over this transport; a broker may relay it. */
export const IPCZ_RESULT_PERMISSION_DENIED = 7;
/** Capacity too small (get, driver `Serialize`), or no memory for a link (`ConnectNode`). */
export const IPCZ_RESULT_RESOURCE_EXHAUSTED = 8;
/** The object's state forbids it: merge after use, trap already satisfied, reject of a local parcel. */
export const IPCZ_RESULT_FAILED_PRECONDITION = 9;
/** Driver `Serialize` without a transport: serializable, but it depends on the transport. */
export const IPCZ_RESULT_ABORTED = 10;
/** `ConnectNode`: more initial portals than {@link IPCZ_MAX_INITIAL_PORTALS}. */
export const IPCZ_RESULT_OUT_OF_RANGE = 11;
/** The operation exists in the contract but not for these arguments (`Box` of a subparcel). */
export const IPCZ_RESULT_UNIMPLEMENTED = 12;
/** Reserved; ipcz never answers with it. */
export const IPCZ_RESULT_INTERNAL = 13;
/** Nothing to get yet; try again when a trap says so. */
export const IPCZ_RESULT_UNAVAILABLE = 14;
/** Reserved; ipcz never answers with it. */
export const IPCZ_RESULT_DATA_LOSS = 15;

/** Names of the result codes by value, without their `IPCZ_RESULT_` prefix; for messages and logs. */
export const IPCZ_RESULT_NAMES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
];
