/**
 * What rides inside messages, as core keeps it: a place in shared memory, and a router that moves.
 */
import type { SequenceLength, SequenceNumber } from "../base/sequence.ts";
import { type BufferId, NO_BUFFER, type NodeName, type SublinkId } from "./ids.ts";

/** A span of a shared buffer; null when `bufferId` is NO_BUFFER (spec: wire 0). */
export interface FragmentDescriptor {
  readonly bufferId: BufferId;
  /** Bytes from the start of the buffer. */
  readonly offset: number;
  /** Bytes; the size of the allocator's block, which is what selects its free list. */
  readonly size: number;
}

/** No fragment. */
export const NULL_FRAGMENT: FragmentDescriptor = { bufferId: NO_BUFFER, offset: 0, size: 0 };

/** What one attached handle is (spec: wire 0, HandleType). */
export const HANDLE_PORTAL = 0;
export const HANDLE_DRIVER_OBJECT = 1;
export const HANDLE_RELAYED_DRIVER_OBJECT = 2;
export const HANDLE_SUBPARCEL = 3;

/** The successor of a router that moved to another node (spec: wire 2.3). */
export interface RouterDescriptor {
  /** Parcels ever sent by the far end, when `peerClosed`; else 0. */
  readonly closedPeerSequenceLength: SequenceLength;
  /** The sublink of the new router, on the link that carries the descriptor. */
  readonly newSublink: SublinkId;
  /** The new central link's state when `proxyAlreadyBypassed`; else null. */
  readonly newLinkStateFragment: FragmentDescriptor;
  /** The sublink of the decaying link when `proxyAlreadyBypassed`; else 0. */
  readonly newDecayingSublink: SublinkId;
  /** The first number the new router gives to a parcel it sends. */
  readonly nextOutgoingSequenceNumber: SequenceNumber;
  /** The first number the new router delivers. */
  readonly nextIncomingSequenceNumber: SequenceNumber;
  /** Parcels to expect below this over the decaying link when `proxyAlreadyBypassed`; else 0. */
  readonly decayingIncomingSequenceLength: SequenceLength;
  readonly peerClosed: boolean;
  readonly proxyAlreadyBypassed: boolean;
  /** The node to contact for a bypass at once; NO_NODE: none. */
  readonly proxyPeerNodeName: NodeName;
  /** The sublink between that node and the sender's node. */
  readonly proxyPeerSublink: SublinkId;
}
