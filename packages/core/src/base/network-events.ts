/**
 * What happens between nodes, told to one observer of the application: for diagnostics and counters.
 *
 * Without an observer each of these places costs one look at a field, and none of them is on the way of a parcel.
 */

/** What may be told of. Names of nodes are 32 hex digits. */
export interface NetworkObserver {
  /** `local` has a connection to `remote`; by introduction of a broker, or by a handshake. */
  connected(local: string, remote: string, remoteIsBroker: boolean, introduced: boolean): void;
  /** That connection has ended. */
  disconnected(local: string, remote: string): void;
  /**
   * About a link between two nodes that no application connects: `local` asks its brokers for one to `subject`, has
   * got one, or got none; or, as the broker of `remote`, has made one between it and `subject`.
   */
  introduction(
    step: "requested" | "accepted" | "failed" | "made",
    local: string,
    subject: string,
    remote: string | null,
  ): void;
  /** A portal leaves for `remote`, by giving its local peer a direct link or by leaving a proxy; or comes from there. */
  transferred(step: "split" | "proxied" | "arrived", remote: string): void;
  /** A router that stood in for a portal which moved on begins to take itself out of its route, or has left it. */
  bypass(step: "begun" | "finished"): void;
  /** A portal was closed here, or found its peer closed, or its route cut. */
  closure(step: "closed" | "peer-closed" | "lost"): void;
  /** A message of `remote` was unacceptable, and its connection ends; or the application rejected a parcel. */
  rejected(what: "message" | "parcel", local: string, remote: string): void;
}

/** Where the parts of a table find the observer. What it throws is the thrower's caller's: observers do not throw. */
export class NetworkEvents {
  observer: NetworkObserver | null = null;
}
