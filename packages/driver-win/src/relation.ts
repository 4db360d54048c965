/**
 * What the two ends of a transport are to each other, and what follows for handles: who moves them, whose numbers are
 * believed (spec: mojo 2.1, 2.3). Pure decisions; nothing here calls the system.
 */
import {
  introducedPeer,
  mayVouch,
  startedPeer,
  startingPeer,
  unknownPeer,
} from "@ipcz/driver-base";
import type { EndpointType, InlineHandles, TransportPeer } from "@ipcz/mojo-codec";
import { WinHandle } from "./handle.ts";

/**
 * The process at the other end: this one (`own`), another of which we have a handle that lets us move handles to and
 * from it, or one that we have no power over.
 */
export type RemoteProcess = "own" | WinHandle | null;

/** One end's view of the other. */
export interface Relation {
  /** What this end belongs to. */
  readonly self: EndpointType;
  readonly peer: TransportPeer;
  /** Owned by the end. */
  readonly remote: RemoteProcess;
  /** The process at the other end, as the system told; 0 where it was not asked. */
  readonly pid: number;
}

/** How a handle gets to the other end. */
export type Carriage = "within" | "recipient" | "sender" | "denied";

/**
 * Who moves handles to the other end: nobody, within one process; the sender, into the recipient; the recipient, out of
 * the sender. Denied where neither can, so that a broker has to relay.
 */
export function carriageOf({ self, peer, remote }: Relation): Carriage {
  if (remote === "own") return "within";
  const isBelieved = self === "broker" || peer.isTrustedByPeer;
  if (remote !== null && isBelieved) return "recipient";
  return peer.destination === "broker" ? "sender" : "denied";
}

/** What to do with handles that have come from the other end. */
export type Acceptance = "claim" | "keep" | "fetch" | "refuse";

/**
 * Numbers within one process are claimed from what was sent there; those already ours are kept when they come from a
 * broker or whom we trust; those of the sender are fetched, if we may. Everything else is refused.
 */
export function acceptanceOf(
  { peer, remote }: Relation,
  owner: InlineHandles["owner"],
): Acceptance {
  if (remote === "own") return "claim";
  if (owner === "recipient") return mayVouch(peer) ? "keep" : "refuse";
  return remote === null ? "refuse" : "fetch";
}

/** Whether the other end may have a handle of a third process. */
export function mayHaveProcesses({ peer }: Relation): boolean {
  return peer.destination === "broker" || peer.isPeerTrusted;
}

/**
 * What is believed of a transport that `sender` has sent. Trust is passed on by brokers and by those who are trusted
 * themselves; from anybody else the word is worth nothing, and the far end a stranger. (Chromium refuses the transport;
 * but a process may well pass on what its broker has given it.)
 */
export function believedPeer(
  { destination, isPeerTrusted, isTrustedByPeer }: TransportPeer,
  sender: TransportPeer,
): TransportPeer {
  if (mayVouch(sender)) return { destination, isPeerTrusted, isTrustedByPeer };
  return { destination: "non-broker", isPeerTrusted: false, isTrustedByPeer };
}

/** What `carrier`'s other end is to know of an end in this process: what it knows of us. */
export function mirroredPeer({ self, peer }: Relation): TransportPeer {
  return {
    destination: self,
    isPeerTrusted: peer.isTrustedByPeer,
    isTrustedByPeer: peer.isPeerTrusted,
  };
}

/** Both ends in this process: whatever one says, the other could do as well. */
export function ownRelation(pid: number): Relation {
  const peer = { destination: "broker", isPeerTrusted: true, isTrustedByPeer: true } as const;
  return { self: "broker", peer, remote: "own", pid };
}

/** Nothing is known, and nobody may do anything. */
export const unknownRelation: Relation = {
  self: "non-broker",
  peer: unknownPeer,
  remote: null,
  pid: 0,
};

/** To a process that we have started, or that has connected to us; its node is what we are told. */
export function servingRelation(
  remote: WinHandle | null,
  pid: number,
  destination: EndpointType = startedPeer.destination,
): Relation {
  return { self: "broker", peer: { ...startedPeer, destination }, remote, pid };
}

/** To the process that has started us, or that we have connected to. */
export function joiningRelation(pid: number): Relation {
  return { self: "non-broker", peer: startingPeer, remote: null, pid };
}

/** What the node behind `one` is to that behind `other`, told by us who have a transport to each. */
export function introducedRelation(one: Relation, other: Relation): Relation {
  // Power over a process is for brokers.
  const isEntitled = one.peer.destination === "broker";
  return {
    self: one.peer.destination,
    peer: introducedPeer(one.peer, other.peer),
    remote: isEntitled || other.remote === "own" ? sameRemote(other.remote) : null,
    pid: other.pid,
  };
}

/** A share of its own in the process at the far end; null, too, when the system has no more handles. */
export function sameRemote(remote: RemoteProcess): RemoteProcess {
  return remote instanceof WinHandle ? remote.duplicate() : remote;
}
