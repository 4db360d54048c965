/**
 * Carries out what a settle decided (spec: routing 2.4, stage 3). Each step calls other routers, links or transports,
 * and may come back to this router; so nothing of the router's state is trusted across two steps.
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength } from "../base/sequence.ts";
import type { RouterLink } from "../links/contract.ts";
import { bypassSelf } from "./bypass-start.ts";
import { bypassBridge } from "./merge.ts";
import type { RouterState } from "./router-state.ts";
import type { Plan } from "./settle.ts";

export function act(router: RouterState, plan: Plan): void {
  for (let index = 0; index < plan.parcels.length; index++)
    plan.links[index]!.sendParcel(plan.parcels[index]!);
  for (const link of plan.decayed) link.deactivate();
  if (plan.tryBridgeBypass) bypassBridge(router);
  giveUpLinks(plan);
  const link = plan.reducible;
  if (link === null) return;
  if (router.inward && bypassSelf(router)) return;
  link.flushOtherSideIfWaiting();
}

function giveUpLinks(plan: Plan): void {
  const { deadOutward, deadInward, deadBridge } = plan;
  if (deadOutward) {
    if (plan.outwardLength !== null) announceClosure(deadOutward, plan.outwardLength);
    deadOutward.deactivate();
  }
  if (deadInward) {
    deadInward.sendRouteClosed(plan.inboundLength);
    deadInward.deactivate();
  }
  if (deadBridge) {
    deadBridge.sendRouteClosed(plan.inboundLength);
    deadBridge.deactivate();
  }
}

/** The sequence of this half of the route ends here; the other half is told. */
function announceClosure(link: RouterLink, length: SequenceLength): void {
  assert(
    link.type === "central" && link.isLocked,
    "I12: closure starts on a central link, by its lock's holder",
  );
  link.sendRouteClosed(length);
}
