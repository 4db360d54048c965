/**
 * A router as one readable line, for failed tests.
 */
import type { RouterLink } from "../../src/links/contract.ts";
import type { RouteEdge } from "../../src/routing/route-edge.ts";
import type { RouterState } from "../../src/routing/router-state.ts";
import type { NetNode } from "../links/net-node.ts";

const numbers = new WeakMap<RouterState, number>();
let last = 0;

function numberOf(router: RouterState): number {
  let number = numbers.get(router);
  if (number === undefined) numbers.set(router, (number = ++last));
  return number;
}

function linkText(link: RouterLink | null): string {
  if (!link) return "-";
  const lock = link.isLocked ? "!" : "";
  if (link.kind === "local") return `${link.type}${lock}(local)`;
  return `${link.type}${lock}(${link.node.remoteName.slice(-2)}/${link.sublink})`;
}

function edgeText(edge: RouteEdge | null): string {
  if (!edge) return "none";
  const { primary, decaying } = edge;
  const text = linkText(primary);
  if (!decaying) return text;
  return `${text} decaying ${linkText(decaying.link)} to=${decaying.to} from=${decaying.from}`;
}

/** Where a router is, its links and its queues. */
export function dump(node: NetNode, router: RouterState): string {
  const { inbound, outbound } = router;
  const queues = [inbound, outbound].map(({ next, run, end }) => `${next}+${run}/${end}`);
  const flags = [
    router.cut ? "cut" : "",
    router.peerGone ? "peerGone" : "",
    router.closed ? "closed" : "",
  ];
  return [
    `${node.label} router ${numberOf(router)} ${flags.join(" ")}`,
    `out: ${edgeText(router.outward)}`,
    `in: ${edgeText(router.inward)}`,
    `bridge: ${edgeText(router.bridge)}`,
    `inQ ${queues[0]} outQ ${queues[1]}`,
  ].join(" | ");
}
