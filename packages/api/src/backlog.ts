/**
 * Back-pressure: what a driver may tell about messages that have not left yet. Not part of the C ABI.
 *
 * `Transmit` never refuses a message because the peer is slow: a message that is not sent leaves a gap in a route that
 * nobody can mend. So whoever produces faster than the peer reads has to look, and wait.
 */
import type { IpczDriverHandle } from "./handle.ts";
import type { IpczResult } from "./result.ts";

/** Two functions that a driver may have besides its 13. */
export interface IpczDriverBacklog {
  /** Bytes that `Transmit` has taken for `transport` and that still wait. 0 for what is no transport. */
  GetTransportBacklog(transport: IpczDriverHandle): number;

  /**
   * Calls `handler` once, as the transport's own notifications are, when at most `numBytes` bytes wait: the others have
   * left, or never will.
   *
   * `OK`: it will be called. `FAILED_PRECONDITION`: so few wait already, and `handler` is not kept.
   * `INVALID_ARGUMENT`: no transport, or less than 0 bytes.
   */
  WatchTransportBacklog(
    transport: IpczDriverHandle,
    numBytes: number,
    handler: () => void,
  ): IpczResult;
}
