/**
 * The one class of errors that this package throws, and how results become errors.
 */
import { IPCZ_RESULT_NAMES, IPCZ_RESULT_OK, type IpczResult } from "@ipcz/api";

/**
 * What an {@link IpczError} is about. Most are the names of ipcz's results; the others have no result of their own:
 *
 * - `ERR_IPCZ_CLOSED`: the object was closed here before.
 * - `ERR_IPCZ_DETACHED`: the object was sent, merged or released before; it is somebody else's now.
 * - `ERR_IPCZ_BACKLOG`: the portal's `backlogBytesMax` is reached; nothing was put.
 * - `ERR_IPCZ_NO_DRIVER`: no driver for this system is installed; the message says which one to install.
 * - `ERR_IPCZ_UNSUPPORTED`: the driver or the library in use cannot do that.
 * - `ERR_IPCZ_NO_PARENT`: the process was not started by a node.
 * - `ERR_IPCZ_CONNECTION`: no connection came about, or it ended before both nodes had agreed.
 * - `ERR_IPCZ_LISTEN`: the address cannot be listened at.
 */
export type IpczErrorCode =
  | `ERR_IPCZ_${
      | "UNKNOWN"
      | "INVALID_ARGUMENT"
      | "NOT_FOUND"
      | "ALREADY_EXISTS"
      | "PERMISSION_DENIED"
      | "RESOURCE_EXHAUSTED"
      | "FAILED_PRECONDITION"
      | "ABORTED"
      | "OUT_OF_RANGE"
      | "UNIMPLEMENTED"
      | "UNAVAILABLE"}`
  | "ERR_IPCZ_CLOSED"
  | "ERR_IPCZ_DETACHED"
  | "ERR_IPCZ_BACKLOG"
  | "ERR_IPCZ_NO_DRIVER"
  | "ERR_IPCZ_UNSUPPORTED"
  | "ERR_IPCZ_NO_PARENT"
  | "ERR_IPCZ_CONNECTION"
  | "ERR_IPCZ_LISTEN";

/** What this package throws, and rejects promises with. (Aborted calls reject with the signal's own reason.) */
export class IpczError extends Error {
  /** `IpczError`. */
  override readonly name = "IpczError";
  /** What it is about, for programs. */
  readonly code: IpczErrorCode;
  /** The result behind it; null when no call of ipcz failed. */
  readonly result: IpczResult | null;

  /** Errors are made by this package. */
  constructor(
    code: IpczErrorCode,
    message: string,
    options: { readonly result?: IpczResult; readonly cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.result = options.result ?? null;
  }
}

/** Throws unless `result` is OK; `what` says what was tried: "put a parcel". */
export function expectOk(result: IpczResult, what: string): void {
  if (result !== IPCZ_RESULT_OK) throw errorOf(result, what);
}

/** The error for a failed call. */
export function errorOf(result: IpczResult, what: string): IpczError {
  const name = IPCZ_RESULT_NAMES[result] ?? "UNKNOWN";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reserved results are never answered
  const code = `ERR_IPCZ_${name}` as IpczErrorCode;
  return new IpczError(code, `cannot ${what}: ${name.toLowerCase().replaceAll("_", " ")}`, {
    result,
  });
}

/** Whether `error` is an {@link IpczError}, with that code if one is given. */
export function isIpczError(error: unknown, code?: IpczErrorCode): error is IpczError {
  return error instanceof IpczError && (code === undefined || error.code === code);
}
