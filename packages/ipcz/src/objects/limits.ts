/**
 * What one portal may pile up: in this process before it leaves, and here after it has arrived.
 */

/** Limits of a portal, each with a default. Bytes of parcels; attached handles are not counted. */
export interface PortalLimits {
  /**
   * Waiting bytes from which on `put` answers false, `desiredSize` is 0 or less and `send` waits. Default: 1 MiB.
   */
  readonly highWaterMark?: number;
  /** Waiting bytes from which on `put` throws `ERR_IPCZ_BACKLOG` and puts nothing. Default: no limit. */
  readonly backlogBytesMax?: number;
  /**
   * Unread bytes from which on the portal is closed, as if `close` had been called; `closed` resolves to `"overflow"`.
   * What is waited for by `receive` does not count. A portal with such a limit is not collected; it must be closed.
   * Default: no limit.
   */
  readonly unreadBytesMax?: number;
}

/** Bytes that may wait before a sender is asked to hold on: enough that a fast peer never waits for us. */
export const highWaterMarkDefault: number = 1024 * 1024;

/** `limits` with all defaults; throws a RangeError for what is no limit. */
export function completeLimits(
  limits: PortalLimits,
  base?: Required<PortalLimits>,
): Required<PortalLimits> {
  const {
    highWaterMark = base?.highWaterMark ?? highWaterMarkDefault,
    backlogBytesMax = base?.backlogBytesMax ?? Infinity,
    unreadBytesMax = base?.unreadBytesMax ?? Infinity,
  } = limits;
  const complete = { highWaterMark, backlogBytesMax, unreadBytesMax };
  for (const [name, value] of Object.entries(complete))
    if (!(value >= 0)) throw new RangeError(`${name} is not a number of bytes: ${String(value)}`);
  return complete;
}
