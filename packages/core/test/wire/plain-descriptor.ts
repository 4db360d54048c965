/**
 * A portal that arrives by its own peripheral link, with nothing sent, received or closed yet.
 */
import { NULL_FRAGMENT, type RouterDescriptor } from "../../src/wire/descriptors.ts";
import { NO_NODE, type SublinkId } from "../../src/wire/ids.ts";

export function plainDescriptor(
  newSublink: number,
  changes: Partial<RouterDescriptor> = {},
): RouterDescriptor {
  return {
    closedPeerSequenceLength: 0,
    newSublink: newSublink as SublinkId,
    newLinkStateFragment: NULL_FRAGMENT,
    newDecayingSublink: 0 as SublinkId,
    nextOutgoingSequenceNumber: 0,
    nextIncomingSequenceNumber: 0,
    decayingIncomingSequenceLength: 0,
    peerClosed: false,
    proxyAlreadyBypassed: false,
    proxyPeerNodeName: NO_NODE,
    proxyPeerSublink: 0 as SublinkId,
    ...changes,
  };
}
