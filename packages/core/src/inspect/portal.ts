/**
 * A portal from outside: the links of its route's first hop, and the lock word of a central one.
 */
import type { IpczHandle } from "@ipcz/api";
import type { RouterLink } from "../links/contract.ts";
import { LocalLink } from "../links/local-link.ts";
import { RemoteLink } from "../links/remote-link.ts";
import type { Router } from "../routing/router.ts";
import { processCore } from "../table/table.ts";

/** One link of a router, as a reader may want to see it. */
export interface LinkView {
  readonly kind: "local" | "remote";
  readonly type: "central" | "outward" | "inward" | "bridge";
  /** The node at the other end of a remote link: 32 hex digits. */
  readonly remoteNode: string | null;
  /** The sublink of a remote link. */
  readonly sublink: number | null;
}

/** The router behind a portal. */
export interface PortalView {
  /** The link parcels go over; null: there is none yet, or no more. */
  readonly outward: LinkView | null;
  /** A link on its way out, which may still bring or take parcels. */
  readonly decaying: LinkView | null;
  /** One hop over a central link to another node, and nothing decays any more. */
  readonly isDirectRemote: boolean;
  /** The portal at the other end of a direct local link has this router too. */
  readonly isDirectLocal: boolean;
}

/** The lock word of a central link. */
export interface LockView {
  /** Bits of the status word; 3, both ends stable, is what a link at rest has. Null: the word is not known yet. */
  readonly status: number | null;
  /** How many ends are counted as its holders; null where nobody counts. */
  readonly references: number | null;
}

/** What the portal's route looks like from here; null: not a portal of this process. */
export function inspectPortal(portal: IpczHandle): PortalView | null {
  const router = processCore.portal(portal);
  if (!router) return null;
  const { primary, decaying } = router.outward;
  return {
    outward: primary ? linkView(primary) : null,
    decaying: decaying?.link ? linkView(decaying.link) : null,
    isDirectRemote: isDirect(router, "remote"),
    isDirectLocal: isDirect(router, "local"),
  };
}

/** True when the portal's peer is one hop away on another node, over a central link, with nothing decaying. */
export function isDirectRemote(portal: IpczHandle): boolean {
  const router = processCore.portal(portal);
  return router !== null && isDirect(router, "remote");
}

/** True when the two portals are each other's peer by a direct local link. */
export function areLocalPeers(a: IpczHandle, b: IpczHandle): boolean {
  const routerA = processCore.portal(a);
  const routerB = processCore.portal(b);
  return routerA !== null && routerB !== null && routerA.localPeer === routerB;
}

/** The lock word of the central link behind a portal; null: there is no such link. */
export function inspectLock(portal: IpczHandle): LockView | null {
  const link = processCore.portal(portal)?.outward.primary;
  if (link instanceof LocalLink)
    return link.state && { status: link.state.status, references: null };
  if (!(link instanceof RemoteLink) || !link.state) return null;
  const { state, references } = link.state;
  return { status: state?.status ?? null, references };
}

/** For the other files of inspection. */
export function linkView(link: RouterLink): LinkView {
  return {
    kind: link.kind,
    type: link.type,
    remoteNode: link.kind === "remote" ? link.node.remoteName : null,
    sublink: link.kind === "remote" ? link.sublink : null,
  };
}

function isDirect(router: Router, kind: "local" | "remote"): boolean {
  const link = router.outward.primary;
  return (
    router.isTerminal && router.outward.isStable && link?.kind === kind && link.type === "central"
  );
}
