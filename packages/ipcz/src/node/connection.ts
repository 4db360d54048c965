/**
 * A connection that a program asked for: the portals that came with it, and who is at the other end.
 */
import { IpczError } from "../errors/ipcz-error.ts";
import type { Portal } from "../objects/objects.ts";
import type { PeerCredentials } from "./platform-driver.ts";

/** A connection between unrelated processes. */
export interface Connection {
  /** The portals that lead to the other node. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
  /** Who it is, as the system knows; null where the driver cannot tell. */
  readonly peer: PeerCredentials | null;
}

/**
 * Whether to go on with whoever is at the other end; asked before anything is exchanged. Anything but true refuses, as
 * does an exception.
 */
export type AcceptPeer = (peer: PeerCredentials) => boolean | Promise<boolean>;

/** The first of the portals of a connection, which has at least one. */
export function firstOf(portals: readonly Portal[]): Portal {
  const [portal] = portals;
  if (portal) return portal;
  throw new IpczError("ERR_IPCZ_OUT_OF_RANGE", "a connection has at least one portal");
}
