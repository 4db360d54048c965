/**
 * Names and ids on the wire, as core keeps them: strings and safe integers, no BigInt.
 *
 * 64-bit ids whose bit 63 is set (MEM_V2, side B) are folded: that bit becomes bit 52. An id that does not fit is the
 * peer's fault (spec: wire 4.9).
 */

declare const brand: unique symbol;

/** 128 bits as 32 lowercase hex digits, `high` first: comparing strings compares names (spec: wire 0). */
export type NodeName = string & { readonly [brand]: "NodeName" };
/** Names a router link on one node link. 0..11 are the initial portals'. */
export type SublinkId = number & { readonly [brand]: "SublinkId" };
/** Names a shared buffer of one node link. 0 is the primary buffer. */
export type BufferId = number & { readonly [brand]: "BufferId" };

/** No name: all zero. */
export const NO_NODE: NodeName = "00000000000000000000000000000000" as NodeName;
/** The primary buffer of every link. */
export const PRIMARY_BUFFER: BufferId = 0 as BufferId;
/** The buffer id of a null fragment; 2^64-1 on the wire. */
export const NO_BUFFER: BufferId = -1 as BufferId;
/** Where bit 63 of an id is kept. */
export const FOLDED_HIGH_BIT: number = 2 ** 52;

/** One side of a link, and its value on the wire. */
export const SIDE_A = 0;
/** The other side of a link, and its value on the wire. */
export const SIDE_B = 1;
/** Either side of a link; the two ends always have different ones. */
export type LinkSide = typeof SIDE_A | typeof SIDE_B;

/** A broker, as the wire says it. */
export const NODE_TYPE_BROKER = 0;
/** Any other node, as the wire says it. */
export const NODE_TYPE_NORMAL = 1;
/** What kind of node is at the other end of a link. */
export type NodeType = typeof NODE_TYPE_BROKER | typeof NODE_TYPE_NORMAL;

/** The other side of a link. */
export function opposite(side: LinkSide): LinkSide {
  return side === SIDE_A ? SIDE_B : SIDE_A;
}

/** The id after `sublink`, of two that were taken together. */
export function sublinkAfter(sublink: SublinkId): SublinkId {
  return (sublink + 1) as SublinkId;
}

/** Stands where a descriptor names no sublink. */
export const NO_SUBLINK: SublinkId = 0 as SublinkId;
