/**
 * A pair of ports, both still here.
 */
import type { Portal } from "../objects/objects.ts";
import { PortalPort } from "./portal-port.ts";

/** What makes portals: a node. */
export interface PortalOpener {
  /** A new pair, the caller's. */
  openPortals(): readonly [Portal, Portal];
}

/** Two ports that are each other's other end, as a `MessageChannel` has them; either may be sent to another process. */
export class PortalChannel {
  /** One end. */
  readonly port1: PortalPort;
  /** The other end. */
  readonly port2: PortalPort;

  /** Opens a pair at `node`. */
  constructor(node: PortalOpener) {
    const [first, second] = node.openPortals();
    this.port1 = new PortalPort(first);
    this.port2 = new PortalPort(second);
  }
}
