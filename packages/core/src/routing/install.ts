/**
 * Gives a router a new outward link (spec: routing 3.6).
 */
import type { RouterLink } from "../links/contract.ts";
import type { RouterState } from "./router-state.ts";

/** Takes `link`. The router's place for an outward primary link must be empty, unless the router was cut. */
export function installOutwardLink(router: RouterState, link: RouterLink): void {
  if (link.type === "central" && router.hasStableEdges) router.markStable(link);
  if (router.cut) {
    link.sendRouteDisconnected();
    link.deactivate();
    return;
  }
  router.outward.install(link);
  router.settle(true);
}
