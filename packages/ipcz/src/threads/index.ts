/**
 * ipcz/threads: nodes, portals and parcels between threads, in any host: in browsers, too. Every public name, listed
 * one by one.
 */
export { IpczError, isIpczError, type IpczErrorCode } from "../errors/ipcz-error.ts";
export { Box, Parcel, Portal } from "../objects/objects.ts";
export { LocalNode } from "../node/local-node.ts";
export type { LocalNodeOptions } from "../node/local-node.ts";
export { joinThread, ThreadNode } from "./thread-node.ts";
export type { JoinedThread, SeatOffer, ThreadSeat } from "./thread-node.ts";
