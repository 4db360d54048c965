/**
 * Waiting until less waits: the sender's side of back-pressure.
 */
import { IPCZ_RESULT_OK, type IpczHandle } from "@ipcz/api";
import type { Context } from "./context.ts";

/** Watches the backlog of one portal. */
export class BacklogGate {
  private readonly context: Context;
  private readonly portal: IpczHandle;

  constructor(context: Context, portal: IpczHandle) {
    this.context = context;
    this.portal = portal;
  }

  /** Bytes that wait now; 0 when nobody can tell. */
  get bytes(): number {
    return this.context.backlog?.bytes(this.portal) ?? 0;
  }

  /** Calls `then` once, when at most `numBytes` wait or the portal has ended; now, if that is so. */
  wait(numBytes: number, then: () => void): void {
    const result = this.context.backlog?.watch(this.portal, numBytes, then);
    if (result !== IPCZ_RESULT_OK) then();
  }
}
