/**
 * Queues trap events and runs their handlers once no router is in the middle of a change (spec: routing 8.4, 12.5).
 */
import {
  type IpczContext,
  type IpczPortalStatus,
  type IpczTrapEventHandler,
  IPCZ_TRAP_EVENT_SIZE,
  IPCZ_TRAP_WITHIN_API_CALL,
} from "@ipcz/api";
import type { Turn } from "../base/turn.ts";

export class TrapDelivery {
  private readonly turn: Turn;

  constructor(turn: Turn) {
    this.turn = turn;
  }

  /** The annotation WITHIN_API_CALL is decided now, not when the handler runs. */
  queue(
    handler: IpczTrapEventHandler,
    context: IpczContext,
    conditionFlags: number,
    status: IpczPortalStatus,
  ): void {
    const flags = this.turn.withinApiCall
      ? conditionFlags | IPCZ_TRAP_WITHIN_API_CALL
      : conditionFlags;
    this.turn.defer(() => {
      handler({ size: IPCZ_TRAP_EVENT_SIZE, context, conditionFlags: flags, status });
    });
  }
}
