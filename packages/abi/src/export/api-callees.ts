/**
 * The 16 functions of a table as native code calls them: pointers and counts in, results through pointers out.
 */
import { boxCallees } from "./box-callees.ts";
import type { ApiCallees } from "./callees.ts";
import type { Export } from "./export.ts";
import { nodeCallees } from "./node-callees.ts";
import { parcelCallees } from "./parcel-callees.ts";
import { portalCallees } from "./portal-callees.ts";
import { twoPhaseCallees } from "./two-phase-callees.ts";

/** For one export. */
export function apiCallees(own: Export): ApiCallees {
  return {
    ...nodeCallees(own),
    ...portalCallees(own),
    ...parcelCallees(own),
    ...twoPhaseCallees(own),
    ...boxCallees(own),
  };
}
