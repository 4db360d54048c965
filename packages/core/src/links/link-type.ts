/**
 * Types of a router link, as one of its endpoints sees it (spec: routing 1.2).
 *
 * Outward is the way to the central link and on to the other portal; inward is the way to this side's own portal. The
 * type belongs to the endpoint, is fixed at creation, and is not changed by decay.
 */
export type LinkType =
  /** Where the two halves of a route meet; the far endpoint is central too. */
  | "central"
  /** From the router nearer to its portal toward the centre; the far endpoint is inward. */
  | "outward"
  /** From a proxy toward its portal; the far endpoint is outward. */
  | "inward"
  /** Between two merged routers of one node. */
  | "bridge";

/** True for links that lead to the other portal: what arrives on them is inbound. */
export function isOutward(type: LinkType): boolean {
  return type === "central" || type === "outward";
}
