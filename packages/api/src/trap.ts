/**
 * Traps: one-shot observers of a portal.
 */
import type { IpczContext, IpczHandle, Out } from "./handle.ts";
import type { IpczPortalStatus } from "./portal.ts";
import type { IpczResult } from "./result.ts";

/** What a trap waits for: any one of the conditions in `flags`. C: `IpczTrapConditions`. Copied by `Trap`. */
export interface IpczTrapConditions {
  /** {@link IPCZ_TRAP_CONDITIONS_SIZE} or more. */
  size: number;
  /** `IPCZ_TRAP_*` condition bits; others are ignored. Without any, only removal is ever reported. */
  flags: number;
  /** For `IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS`: the count that must be exceeded. */
  minLocalParcels: number;
  /** For `IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES`: the bytes that must be exceeded. */
  minLocalBytes: number;
}

/** What a trap saw. C: `IpczTrapEvent`. Valid during the handler only. */
export interface IpczTrapEvent {
  /** {@link IPCZ_TRAP_EVENT_SIZE}. */
  readonly size: number;
  /** As given to `Trap`. */
  readonly context: IpczContext;
  /** The requested conditions that held, or `IPCZ_TRAP_REMOVED`; `IPCZ_TRAP_WITHIN_API_CALL` beside them. */
  readonly conditionFlags: number;
  /** The portal's status when the trap fired (not when the handler runs); zeros for `IPCZ_TRAP_REMOVED`. */
  readonly status: Readonly<IpczPortalStatus>;
}

/**
 * Called once per trap, when no portal is in the middle of a change; may call any API function on any object.
 * An exception is reported as uncaught and stops neither ipcz nor the handlers after it.
 */
export type IpczTrapEventHandler = (event: IpczTrapEvent) => void;

/** The trap part of {@link IpczAPI}. */
export interface IpczTrapFunctions {
  /**
   * Watches `portal` until one of the conditions holds, once.
   *
   * The handler is called exactly once for each installed trap: when a condition comes true, or with
   * `IPCZ_TRAP_REMOVED` when the portal is closed, merged or sent to another node. When the change is made by an API
   * call, the handler runs before that call returns.
   *
   * `INVALID_ARGUMENT`: not a portal, no handler, conditions null or too small, status too small.
   * `FAILED_PRECONDITION`: a condition (other than `NEW_LOCAL_PARCEL`) holds already; no trap is installed, and the
   * two outputs say which ones hold and the current status.
   */
  Trap(
    portal: IpczHandle,
    conditions: IpczTrapConditions | null,
    handler: IpczTrapEventHandler | null,
    context: IpczContext,
    flags: number,
    options: null,
    satisfiedConditionFlags: Out<number> | null,
    status: IpczPortalStatus | null,
  ): IpczResult;
}
