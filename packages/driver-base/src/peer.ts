/**
 * What one end of a transport knows of the node at the other. The `mojo` codec says it when a transport travels; on
 * POSIX systems nothing follows from it, except that trust is claimed only by those who may.
 */
import type { TransportPeer } from "@ipcz/mojo-codec";

/** Of whom nothing is known. */
export const unknownPeer: TransportPeer = {
  destination: "non-broker",
  isPeerTrusted: false,
  isTrustedByPeer: false,
};

/** A process we start: it does as we say, and not the other way round. */
export const startedPeer: TransportPeer = {
  destination: "non-broker",
  isPeerTrusted: false,
  isTrustedByPeer: true,
};

/** Whoever has started this process. */
export const startingPeer: TransportPeer = {
  destination: "broker",
  isPeerTrusted: true,
  isTrustedByPeer: false,
};

/**
 * What the node behind `one` is to know of the node behind `other`, told by us who have a transport to each: what we
 * know of the other, and whether the one trusts whom we connect it to as it trusts us.
 */
export function introducedPeer(
  one: TransportPeer | null,
  other: TransportPeer | null,
): TransportPeer {
  return {
    destination: other?.destination ?? unknownPeer.destination,
    isPeerTrusted: other?.isPeerTrusted ?? unknownPeer.isPeerTrusted,
    isTrustedByPeer: one?.isTrustedByPeer ?? unknownPeer.isTrustedByPeer,
  };
}

/** Whether a claim of trust that came from `sender` is believed: a broker's, or that of someone we trust. */
export function mayVouch(sender: TransportPeer | null): boolean {
  return sender !== null && (sender.destination === "broker" || sender.isPeerTrusted);
}
