/**
 * Messages about routes, ids 22, 23 and 30 to 36, to the router bound to the sublink they name.
 */
import type { Verdict } from "../base/verdict.ts";
import { decodeParams } from "../wire/decode.ts";
import type { FragmentDescriptor } from "../wire/descriptors.ts";
import {
  AcceptBypassLink,
  BypassPeer,
  BypassPeerWithLink,
  FlushRouter,
  ProxyWillStop,
  RouteClosed,
  RouteDisconnected,
  StopProxying,
  StopProxyingToLocalPeer,
} from "../wire/messages/route.ts";
import type { SublinkId } from "../wire/ids.ts";
import type { MessageOf, MessageSchema } from "../wire/schema.ts";
import type { NodePeer, RemoteRouterLink } from "./contract.ts";
import type { ReceivedMessage } from "./message-objects.ts";

/** Null: not a message about routes. */
export function dispatchToRouter(receiver: NodePeer, received: ReceivedMessage): Verdict | null {
  switch (received.header.messageId) {
    case RouteClosed.id:
      return toRouter(receiver, decode(RouteClosed, received), (link, message) =>
        link.router.acceptRouteClosed(link.type, message.sequenceLength),
      );
    case RouteDisconnected.id:
      return toRouter(receiver, decode(RouteDisconnected, received), (link) => {
        link.router.acceptDisconnected(link.type);
        return "accept";
      });
    case BypassPeer.id:
      return toRouter(receiver, decode(BypassPeer, received), (link, message) =>
        link.router.acceptBypassPeer(link, message.bypassTargetNode, message.bypassTargetSublink),
      );
    case AcceptBypassLink.id:
      return acceptBypassLink(receiver, received);
    case StopProxying.id:
      return toRouter(receiver, decode(StopProxying, received), (link, message) =>
        link.router.acceptStopProxying(
          link,
          message.inboundSequenceLength,
          message.outboundSequenceLength,
        ),
      );
    case ProxyWillStop.id:
      return toRouter(receiver, decode(ProxyWillStop, received), (link, message) =>
        link.router.acceptProxyWillStop(link, message.inboundSequenceLength),
      );
    case BypassPeerWithLink.id:
      return bypassPeerWithLink(receiver, received);
    case StopProxyingToLocalPeer.id:
      return toRouter(receiver, decode(StopProxyingToLocalPeer, received), (link, message) =>
        link.router.acceptStopProxyingToLocalPeer(link, message.outboundSequenceLength),
      );
    case FlushRouter.id:
      return toRouter(receiver, decode(FlushRouter, received), (link) => {
        link.router.settle(true);
        return "accept";
      });
    default:
      return null;
  }
}

function decode<S extends MessageSchema>(
  schema: S,
  received: ReceivedMessage,
): MessageOf<S> | null {
  const { header, bytes, numBytes, objects } = received;
  return decodeParams(schema, bytes, numBytes, header.size, objects.count);
}

function toRouter<M extends { readonly sublink: SublinkId }>(
  receiver: NodePeer,
  message: M | null,
  handle: (link: RemoteRouterLink, message: M) => Verdict,
): Verdict {
  if (!message) return "reject";
  const link = receiver.linkAt(message.sublink);
  return link ? handle(link, message) : "ignore";
}

/** The router is named by its link on another connection; the message came over the new one. */
function acceptBypassLink(receiver: NodePeer, received: ReceivedMessage): Verdict {
  const message = decode(AcceptBypassLink, received);
  if (!message) return "reject";
  const bypassed = receiver.directory.find(message.currentPeerNode);
  return offerBypass(receiver, bypassed?.linkAt(message.currentPeerSublink) ?? null, {
    newSublink: message.newSublink,
    fragment: message.newLinkStateFragment,
    inboundLength: message.inboundSequenceLengthFromBypassedLink,
  });
}

function bypassPeerWithLink(receiver: NodePeer, received: ReceivedMessage): Verdict {
  const message = decode(BypassPeerWithLink, received);
  if (!message) return "reject";
  return offerBypass(receiver, receiver.linkAt(message.sublink), {
    newSublink: message.newSublink,
    fragment: message.newLinkStateFragment,
    inboundLength: message.inboundSequenceLength,
  });
}

interface Offered {
  readonly newSublink: MessageOf<typeof BypassPeerWithLink>["newSublink"];
  readonly fragment: FragmentDescriptor;
  readonly inboundLength: number;
}

/** An unknown router comes first, a bad link state second (spec: wire 2.2, ids 31 and 34). */
function offerBypass(
  receiver: NodePeer,
  oldLink: RemoteRouterLink | null,
  offered: Offered,
): Verdict {
  const { newSublink, inboundLength } = offered;
  const state = receiver.memory.adoptLinkState(offered.fragment);
  let verdict: Verdict = oldLink ? "reject" : "ignore";
  if (!oldLink) state?.release();
  else if (state)
    verdict = oldLink.router.acceptBypassOffer({
      oldLink,
      node: receiver,
      newSublink,
      state,
      inboundLength,
    });
  // The far router uses its new link already; what it sends there is not early, but in vain.
  if (verdict !== "accept") receiver.abandonSublink(newSublink);
  return verdict;
}
