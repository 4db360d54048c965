/**
 * One kind of trap on one portal, armed only while somebody wants it.
 *
 * A trap cannot be taken back, so one that is not wanted any more stays and fires into nothing. It holds on to its
 * portal only while it is wanted: an idle portal can be collected.
 */
import {
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_REMOVED,
  type IpczAPI,
  type IpczHandle,
} from "@ipcz/api";
import { expectOk } from "../errors/ipcz-error.ts";

interface Cell {
  armed: boolean;
  target: (() => void) | null;
}

/** A place for at most one trap. */
export class TrapSlot {
  private readonly api: IpczAPI;
  private readonly portal: IpczHandle;
  private readonly fired: () => void;
  private cell: Cell | null = null;

  /** `fired` is called each time an armed trap fires, save for its removal. */
  constructor(api: IpczAPI, portal: IpczHandle, fired: () => void) {
    this.api = api;
    this.portal = portal;
    this.fired = fired;
  }

  /** Wants to be told once; false when one of the conditions holds already, and nothing was armed. */
  arm(flags: number, minLocalBytes = 0): boolean {
    if (this.cell?.armed === true) {
      this.cell.target = this.fired;
      return true;
    }
    const cell: Cell = { armed: true, target: this.fired };
    const conditions = {
      size: IPCZ_TRAP_CONDITIONS_SIZE,
      flags,
      minLocalParcels: 0,
      minLocalBytes,
    };
    const result = this.api.Trap(
      this.portal,
      conditions,
      ({ conditionFlags }) => {
        cell.armed = false;
        const { target } = cell;
        cell.target = null;
        if ((conditionFlags & IPCZ_TRAP_REMOVED) === 0) target?.();
      },
      null,
      IPCZ_NO_FLAGS,
      null,
      null,
      null,
    );
    if (result === IPCZ_RESULT_FAILED_PRECONDITION) return false;
    expectOk(result, "watch a portal");
    this.cell = cell;
    return true;
  }

  /** Wants nothing more. */
  disarm(): void {
    if (this.cell) this.cell.target = null;
  }
}
