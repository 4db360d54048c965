/**
 * Queues trap events and runs their handlers once no router is in the middle of a change (spec: routing 8.4, 12.5).
 */
import {
  type IpczContext,
  type IpczPortalStatus,
  type IpczTrapEvent,
  type IpczTrapEventHandler,
  IPCZ_TRAP_EVENT_SIZE,
  IPCZ_TRAP_WITHIN_API_CALL,
} from "@ipcz/api";
import type { Job, Turn } from "../base/turn.ts";

/** An event on its way to its handler. */
class PendingEvent implements IpczTrapEvent, Job {
  readonly size = IPCZ_TRAP_EVENT_SIZE;
  readonly context: IpczContext;
  readonly conditionFlags: number;
  readonly status: IpczPortalStatus;
  private readonly handler: IpczTrapEventHandler;

  constructor(
    handler: IpczTrapEventHandler,
    context: IpczContext,
    conditionFlags: number,
    status: IpczPortalStatus,
  ) {
    this.handler = handler;
    this.context = context;
    this.conditionFlags = conditionFlags;
    this.status = status;
  }

  run(): void {
    const { handler } = this;
    handler(this);
  }
}

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
    this.turn.deferJob(new PendingEvent(handler, context, flags, status));
  }
}
