/**
 * What is wrong with the C library itself, whoever its peers are: shown in the report, and no failure of ours.
 */
import type { CaseResult } from "@ipcz/conformance/table";
import { placementNamed } from "./placements.ts";

const STALLED = "stalled: no end after";
const LEFT_OVER = "left over:";

/** A fault of the library in one scenario. */
interface Defect {
  readonly scenario: string;
  /** The node that must be the library's for it to show. */
  readonly node: string;
  /** Words of the account that the failure has: any other one is not excused. */
  readonly symptom: typeof STALLED | typeof LEFT_OVER;
  readonly reason: string;
}

// A merge lets the first of its two routers look at itself anew, and the second only when the first finds something. The
// first one's closed route is passed on in that look; the second one's, if it was known before, by nothing at all.
const toldByNobody =
  "after a merge, the closure of the second portal's route that was known before is told to nobody (2024)";
const handshakeStays =
  "a node that is closed before its handshake has ended keeps the transport (spec: api 4.6)";

/** The known ones. `all-C` shows that they need none of our nodes. */
const defects: readonly Defect[] = [
  {
    scenario: "MergePortalsTest.MergeWithClosedLocalPeerAsSecond",
    node: "main",
    symptom: STALLED,
    reason: toldByNobody,
  },
  {
    scenario: "MergePortalsTest.MergeWithClosedRemotePeerAsSecond",
    node: "main",
    symptom: STALLED,
    reason: toldByNobody,
  },
  {
    scenario: "ClosureTest.ClosedBeforeTheHandshakeEnds",
    node: "client",
    symptom: LEFT_OVER,
    reason: handshakeStays,
  },
];

/** The scenarios that have one somewhere. */
export const defectiveScenarios: readonly string[] = defects.map(({ scenario }) => scenario);

/** What is known to be wrong with a scenario in a placement; null: nothing. */
function knownDefect(scenario: string, placement: string): Defect | null {
  const { sideOf } = placementNamed(placement);
  return defects.find((each) => each.scenario === scenario && sideOf(each.node) === "C") ?? null;
}

/** Whether a scenario is known to stall in a placement, so that it need not be given much time. */
export function stallsByDefect(scenario: string, placement: string): boolean {
  return knownDefect(scenario, placement)?.symptom === STALLED;
}

/** A failure that looks like a known defect of the library counts as skipped, with its reason. */
export function judged(result: CaseResult): CaseResult {
  const known = knownDefect(result.name, result.column.split("/")[0] ?? "");
  if (result.status !== "failed" || known === null) return result;
  if (result.reason?.includes(known.symptom) !== true) return result;
  return { ...result, status: "skipped", reason: `known defect of the library: ${known.reason}` };
}
