/**
 * The 96 bytes that describe a moving router to its new node, declared (spec: wire 2.3).
 */
import { Limits } from "../base/limits.ts";
import type { FragmentDescriptor, RouterDescriptor } from "./descriptors.ts";
import { NO_BUFFER, type SublinkId } from "./ids.ts";
import type { Field } from "./layout.ts";

/** Decodes to RouterDescriptor. */
export const RouterDescriptorFields = [
  ["closedPeerSequenceLength", "sequence", "parcels the far end ever sent, if it is closed"],
  ["newSublink", "sublinkId", "your new router's link to me, on the link this travels on"],
  ["newLinkStateFragment", "fragment", "the state of that link, if it is central already"],
  ["newDecayingSublink", "sublinkId", "where parcels still in flight through me will come from"],
  ["nextOutgoingSequenceNumber", "sequence", "the number of the first parcel you send"],
  ["nextIncomingSequenceNumber", "sequence", "the number of the first parcel you deliver"],
  ["decayingIncomingSequenceLength", "sequence", "parcels below this come over the decaying link"],
  ["peerClosed", "flag(0)", "the far end is closed"],
  ["proxyAlreadyBypassed", "flag(1)", "the new link is central, and I only forward what is left"],
  ["reserved", "zero(7)", "nothing"],
  ["proxyPeerNodeName", "nodeName", "the node to contact at once, to leave me out of the route"],
  ["proxyPeerSublink", "sublinkId", "what that node calls its link to me"],
] as const;
RouterDescriptorFields satisfies readonly Field[];

/** Bytes of a link state; it is 8-aligned in its buffer (spec: wire 4.8). */
const LINK_STATE_BYTES = 64;
const LINK_STATE_ALIGNMENT = 8;

/** Whether `fragment` can hold a link state; its buffer may be unknown yet (spec: wire 2.2, ids 31 and 34). */
export function canHoldLinkState(fragment: FragmentDescriptor): boolean {
  return (
    fragment.bufferId !== NO_BUFFER &&
    fragment.size >= LINK_STATE_BYTES &&
    fragment.offset % LINK_STATE_ALIGNMENT === 0
  );
}

/**
 * What can be told about a descriptor without knowing the link it came on; `sublink` is the one that carried the
 * parcel (spec: wire 8.7). False: reject the parcel.
 */
export function checkRouterDescriptor(descriptor: RouterDescriptor, sublink: SublinkId): boolean {
  if (descriptor.newSublink === sublink) return false;
  if (descriptor.peerClosed) {
    const ahead = descriptor.closedPeerSequenceLength - descriptor.nextIncomingSequenceNumber;
    if (ahead < 0 || ahead > Limits.sequenceGapMax) return false;
  }
  if (!descriptor.proxyAlreadyBypassed)
    return descriptor.newLinkStateFragment.bufferId === NO_BUFFER;
  return (
    canHoldLinkState(descriptor.newLinkStateFragment) &&
    descriptor.newDecayingSublink !== descriptor.newSublink &&
    descriptor.newDecayingSublink !== sublink
  );
}
