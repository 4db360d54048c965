/**
 * What is wrong with the C library itself, whoever its peers are: shown in the report, and no failure of ours.
 */
import type { CaseResult } from "@ipcz/conformance/table";
import { placementNamed } from "./placements.ts";

/** A fault of the library in one scenario. */
interface Defect {
  readonly scenario: string;
  /** The node that must be the library's for it to show. */
  readonly node: string;
  readonly reason: string;
}

const oneOrder =
  "a merge of a route whose far end is closed tells the other end only in one order of the arguments (2024)";
const handshakeStays =
  "a node that is closed before its handshake has ended keeps the transport (spec: api 4.6)";

/** The known ones. `all-C` shows that they need none of our nodes. */
const defects: readonly Defect[] = [
  { scenario: "MergePortalsTest.MergeWithClosedLocalPeer", node: "main", reason: oneOrder },
  { scenario: "MergePortalsTest.MergeWithClosedRemotePeer", node: "main", reason: oneOrder },
  {
    scenario: "MergePortalsTest.MergeWithClosedRemotePeer",
    node: "client",
    reason: handshakeStays,
  },
];

/** What is known to be wrong with a scenario in a placement; null: nothing. */
export function defectOf(scenario: string, placement: string): string | null {
  const { sideOf } = placementNamed(placement);
  const known = defects.find((each) => each.scenario === scenario && sideOf(each.node) === "C");
  return known?.reason ?? null;
}

/** A failure that is a known defect of the library counts as skipped, with its reason. */
export function judged(result: CaseResult): CaseResult {
  const reason = defectOf(result.name, result.column.split("/")[0] ?? "");
  if (result.status !== "failed" || reason === null) return result;
  return { ...result, status: "skipped", reason: `known defect of the library: ${reason}` };
}
