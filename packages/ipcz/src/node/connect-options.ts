/**
 * Who the other node is, and what the two are to each other.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_MAX_INITIAL_PORTALS,
} from "@ipcz/api";

/**
 * What the other node is to this one; the other must say the counterpart.
 *
 * - `"member"`: a node that joins this broker's network. The default on a broker; counterpart: `"broker"`.
 * - `"broker"`: the broker whose network this node joins. The default on any other node; counterpart: `"member"`.
 *   Between two brokers: their networks are connected, and both say `"broker"`.
 * - `"sponsor"`: a node that has a broker, into whose network it brings this one; counterpart: `"guest"`.
 * - `"guest"`: a node that this one, no broker itself, brings into its network.
 */
export type PeerRole = "member" | "broker" | "sponsor" | "guest";

/** How to connect. */
export interface ConnectOptions {
  /** What the other node is. */
  readonly peer?: PeerRole;
  /** Portals that lead there, 1 by default, 12 at most. Of what one side asks for more, the peers are closed. */
  readonly portals?: number;
  /** The broker allocates shared memory on behalf of this node, which may not itself. */
  readonly allocationDelegate?: boolean;
}

const brokerFlags: Readonly<Partial<Record<PeerRole, number>>> = {
  member: 0,
  broker: IPCZ_CONNECT_NODE_TO_BROKER,
};

const otherFlags: Readonly<Partial<Record<PeerRole, number>>> = {
  broker: IPCZ_CONNECT_NODE_TO_BROKER,
  sponsor: IPCZ_CONNECT_NODE_INHERIT_BROKER,
  guest: IPCZ_CONNECT_NODE_SHARE_BROKER,
};

/** The flags for `ConnectNode`. Throws a TypeError or RangeError, saying what does not fit. */
export function flagsOf(isBroker: boolean, options: ConnectOptions): number {
  const {
    peer = isBroker ? "member" : "broker",
    portals = 1,
    allocationDelegate = false,
  } = options;
  const flags = (isBroker ? brokerFlags : otherFlags)[peer];
  if (flags === undefined)
    throw new TypeError(
      isBroker
        ? `to a broker another node is a "member" or a "broker", not a "${peer}"`
        : `to a node that is no broker another one is its "broker", "sponsor" or "guest", not a "${peer}"`,
    );
  if (!Number.isInteger(portals) || portals < 1 || portals > IPCZ_MAX_INITIAL_PORTALS)
    throw new RangeError(
      `a connection has 1 to ${IPCZ_MAX_INITIAL_PORTALS} portals, not ${portals}`,
    );
  return flags | (allocationDelegate ? IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE : 0);
}
