/**
 * What is wrong with the C library itself, whoever its peers are: shown in the report, and no failure of ours.
 */
import type { CaseResult } from "@ipcz/conformance/table";
import { placementNamed } from "./placements.ts";

/** A fault of the library in one scenario. */
interface Defect {
  readonly scenario: string;
  /** Whose main node it takes: the merge is made there. */
  readonly mainSide: "C";
  readonly reason: string;
}

const oneOrder =
  "a merge of a route whose far end is closed tells the other end only in one order of the arguments (2024)";

/** The known ones. `all-C` shows that they need none of our nodes. */
const defects: readonly Defect[] = [
  { scenario: "MergePortalsTest.MergeWithClosedLocalPeer", mainSide: "C", reason: oneOrder },
  { scenario: "MergePortalsTest.MergeWithClosedRemotePeer", mainSide: "C", reason: oneOrder },
];

/** What is known to be wrong with a scenario in a placement; null: nothing. */
export function defectOf(scenario: string, placement: string): string | null {
  const side = placementNamed(placement).sideOf("main");
  const known = defects.find((each) => each.scenario === scenario && each.mainSide === side);
  return known?.reason ?? null;
}

/** A failure that is a known defect of the library counts as skipped, with its reason. */
export function judged(result: CaseResult): CaseResult {
  const reason = defectOf(result.name, result.column.split("/")[0] ?? "");
  if (result.status !== "failed" || reason === null) return result;
  return { ...result, status: "skipped", reason: `known defect of the library: ${reason}` };
}
