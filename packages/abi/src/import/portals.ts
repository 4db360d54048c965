/**
 * OpenPortals, MergePortals, QueryPortalStatus.
 */
import {
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczHandle,
  type IpczPortalStatus,
} from "@ipcz/api";
import { wordAt, type Frame, type Place } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { readWord } from "../border/word.ts";
import { layoutOf } from "../c/layout.ts";
import { isHandle } from "./arguments.ts";
import type { NativeLibrary } from "./native-library.ts";

const portalStatus = layoutOf("IpczPortalStatus");

/** For one library. */
export function portalFunctions({
  call,
}: NativeLibrary): Pick<IpczAPI, "OpenPortals" | "MergePortals" | "QueryPortalStatus"> {
  return {
    OpenPortals(node, _flags, _options, portal0, portal1) {
      if (!isHandle(node) || !portal0 || !portal1) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame((frame) => {
        const [cell0, cell1] = [frame.word(0), frame.word(0)];
        const result = call.OpenPortals(node, 0, null, cell0.address, cell1.address);
        if (result !== IPCZ_RESULT_OK) return result;
        portal0.value = wordAt(cell0) as IpczHandle;
        portal1.value = wordAt(cell1) as IpczHandle;
        return result;
      });
    },
    MergePortals(first, second) {
      if (!isHandle(first) || !isHandle(second)) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame(() => call.MergePortals(first, second, 0, null));
    },
    QueryPortalStatus(portal, _flags, _options, status) {
      if (!isHandle(portal) || !status) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!(status.size >= IPCZ_PORTAL_STATUS_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame((frame) => {
        const place = reserveStatus(frame, status);
        const result = call.QueryPortalStatus(portal, 0, null, place.address);
        if (result === IPCZ_RESULT_OK) readStatus(place, status);
        return result;
      });
    },
  };
}

/** Room for a status of the size that the caller knows. */
export function reserveStatus(frame: Frame, { size }: IpczPortalStatus): Place {
  return frame.struct(portalStatus, size);
}

/** Copies what native code has written. */
export function readStatus(place: Place, status: IpczPortalStatus): void {
  const { view, offset } = place;
  const { at } = portalStatus;
  status.size = readWord(view, offset + at.size);
  status.flags = view.getUint32(offset + at.flags, true);
  status.numLocalParcels = readWord(view, offset + at.num_local_parcels);
  status.numLocalBytes = readWord(view, offset + at.num_local_bytes);
}

/** The status flags of a portal; 0 for what is none. */
export function statusFlags({ call }: NativeLibrary, portal: IpczHandle): number {
  return inFrame((frame) => {
    const place = frame.struct(portalStatus);
    const result = call.QueryPortalStatus(portal, 0, null, place.address);
    return result === IPCZ_RESULT_OK
      ? place.view.getUint32(place.offset + portalStatus.at.flags, true)
      : 0;
  });
}
