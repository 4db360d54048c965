/**
 * Routes, ids 22-23 and 30-36: how a route ends, and how it gets shorter (spec: wire 2.2 and 8).
 *
 * X and Z are the routers that become neighbours, Y is the proxy between them: X - Y - Z becomes X - Z. `sublink` is
 * always the link the news travels on.
 */
import type { MessageSchema } from "../schema.ts";

/** The sender's end of this route is closed for good. */
export const RouteClosed = {
  id: 22,
  v0: [
    ["sublink", "sublinkId", "the link the news travels on"],
    ["sequenceLength", "sequence", "parcels ever sent from the closed end: 5 means 0..4 exist"],
  ],
} as const;
RouteClosed satisfies MessageSchema;

/** The sender lost its part of the route; parcels may be missing. */
export const RouteDisconnected = {
  id: 23,
  v0: [["sublink", "sublinkId", "the link the news travels on"]],
} as const;
RouteDisconnected satisfies MessageSchema;

/** Y to Z: go to X directly. */
export const BypassPeer = {
  id: 30,
  v0: [
    ["sublink", "sublinkId", "the link between you and me"],
    ["reserved0", "zero(8)", "nothing"],
    ["bypassTargetNode", "nodeName", "the node of X, my peer on the other side"],
    ["bypassTargetSublink", "sublinkId", "my link with X, as X's node and mine number it"],
  ],
} as const;
BypassPeer satisfies MessageSchema;

/** Z to X: here is a link to me; leave Y out. */
export const AcceptBypassLink = {
  id: 31,
  v0: [
    ["currentPeerNode", "nodeName", "the node of Y, who is your peer now"],
    ["currentPeerSublink", "sublinkId", "your link with Y; it tells which router you are"],
    [
      "inboundSequenceLengthFromBypassedLink",
      "sequence",
      "parcels below this reach you through Y, the rest directly",
    ],
    ["newSublink", "sublinkId", "our new link"],
    ["newLinkStateFragment", "fragment", "its state"],
  ],
} as const;
AcceptBypassLink satisfies MessageSchema;

/** X to Y: Z and I are linked; forward what is left and go. */
export const StopProxying = {
  id: 32,
  v0: [
    ["sublink", "sublinkId", "the link between you and me"],
    ["inboundSequenceLength", "sequence", "parcels in total from me through you to Z"],
    ["outboundSequenceLength", "sequence", "parcels in total from Z through you to me"],
  ],
} as const;
StopProxying satisfies MessageSchema;

/** X to Z: Y goes once it forwarded what is left. */
export const ProxyWillStop = {
  id: 33,
  v0: [
    ["sublink", "sublinkId", "our new link"],
    ["inboundSequenceLength", "sequence", "parcels below this reach you through Y"],
  ],
} as const;
ProxyWillStop satisfies MessageSchema;

/** Y to Z, when X is on Y's own node: here is a link to X; leave me out. */
export const BypassPeerWithLink = {
  id: 34,
  v0: [
    ["sublink", "sublinkId", "the link between you and me"],
    ["newSublink", "sublinkId", "your new link with X"],
    ["newLinkStateFragment", "fragment", "its state"],
    ["inboundSequenceLength", "sequence", "parcels below this reach you through me"],
  ],
} as const;
BypassPeerWithLink satisfies MessageSchema;

/** Z to Y, in answer: X and I are linked; forward what is left and go. */
export const StopProxyingToLocalPeer = {
  id: 35,
  v0: [
    ["sublink", "sublinkId", "the link between you and me"],
    ["outboundSequenceLength", "sequence", "parcels in total from me through you to X"],
  ],
} as const;
StopProxyingToLocalPeer satisfies MessageSchema;

/** Something you waited for may have happened: try again. */
export const FlushRouter = {
  id: 36,
  v0: [["sublink", "sublinkId", "the link whose router I mean"]],
} as const;
FlushRouter satisfies MessageSchema;
