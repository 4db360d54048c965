/**
 * Trap.
 */
import {
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_EVENT_SIZE,
  type IpczAPI,
  type IpczContext,
  type IpczTrapConditions,
  type IpczTrapEventHandler,
} from "@ipcz/api";
import type { Frame, Place } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { pendingTraps, type TrapReport } from "../border/reports.ts";
import { writeWord } from "../border/word.ts";
import { layoutOf } from "../c/layout.ts";
import { flagBits, isHandle } from "./arguments.ts";
import type { NativeLibrary } from "./native-library.ts";
import { readStatus, reserveStatus } from "./portals.ts";

const trapConditions = layoutOf("IpczTrapConditions");

/** For one library. */
export function trapFunctions(library: NativeLibrary): Pick<IpczAPI, "Trap"> {
  const { call } = library;
  return {
    Trap(portal, conditions, handler, context, _flags, _options, satisfied, status) {
      if (!isHandle(portal) || typeof handler !== "function") return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!conditions || !(conditions.size >= IPCZ_TRAP_CONDITIONS_SIZE)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      if (status && !(status.size >= IPCZ_PORTAL_STATUS_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const over = library.countTrap();
      const id = pendingTraps.add((report) => {
        over();
        handler(eventOf(report, context));
      });
      return inFrame((frame) => {
        const met = frame.word(0);
        const place = status ? reserveStatus(frame, status) : null;
        const result = call.Trap(
          portal,
          writeConditions(frame, conditions).address,
          library.callbacks.trap,
          id,
          0,
          null,
          met.address,
          place?.address ?? null,
        );
        if (result === IPCZ_RESULT_OK) return result;
        if (pendingTraps.take(id)) over();
        if (result === IPCZ_RESULT_FAILED_PRECONDITION) {
          if (satisfied) satisfied.value = met.view.getUint32(met.offset, true);
          if (status && place) readStatus(place, status);
        }
        return result;
      });
    },
  };
}

function writeConditions(frame: Frame, conditions: IpczTrapConditions): Place {
  const place = frame.struct(trapConditions, conditions.size);
  const { view, offset } = place;
  const { at } = trapConditions;
  view.setUint32(offset + at.flags, flagBits(conditions.flags), true);
  writeWord(view, offset + at.min_local_parcels, conditions.minLocalParcels);
  writeWord(view, offset + at.min_local_bytes, conditions.minLocalBytes);
  return place;
}

function eventOf(report: TrapReport, context: IpczContext): Parameters<IpczTrapEventHandler>[0] {
  const { conditionFlags, statusFlags: flags, numLocalParcels, numLocalBytes } = report;
  return {
    size: IPCZ_TRAP_EVENT_SIZE,
    context,
    conditionFlags,
    status: { size: IPCZ_PORTAL_STATUS_SIZE, flags, numLocalParcels, numLocalBytes },
  };
}
