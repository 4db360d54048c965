/**
 * What happens between nodes, on `node:diagnostics_channel`: for tracing tools, at no cost while nobody subscribes.
 *
 * There is one observer of a process's table; it is set when this file is first asked to, and feeds the channels, the
 * open counters and the log.
 */
import { type Channel, channel } from "node:diagnostics_channel";
import { type NetworkObserver, setNetworkObserver } from "@ipcz/core";

/** A connection to another node began or ended. Channel `ipcz:connect`. */
export interface ConnectMessage {
  /** Whether it began or ended. */
  readonly step: "connected" | "disconnected";
  /** The name of the node here: 32 hex digits. */
  readonly node: string;
  /** The name of the other one. */
  readonly remoteNode: string;
  /** Whether that is a broker; null when the connection ended. */
  readonly remoteIsBroker: boolean | null;
  /** Whether a broker introduced them, without any application; null when the connection ended. */
  readonly introduced: boolean | null;
}

/**
 * Two nodes that no application connects get a connection. Channel `ipcz:introduction`.
 *
 * `requested`: a node here asks for one to `subject`; `accepted`: it has got one; `failed`: it gets none; `made`: a
 * broker here has introduced `subject` and `remoteNode`.
 */
export interface IntroductionMessage {
  /** What happened. */
  readonly step: "requested" | "accepted" | "failed" | "made";
  /** The name of the node here. */
  readonly node: string;
  /** The node that is asked for. */
  readonly subject: string;
  /** With `made`: the other one of the two. */
  readonly remoteNode: string | null;
}

/**
 * A portal travels. Channel `ipcz:transfer`.
 *
 * `split`: it left, and its local peer has a direct line to it; `proxied`: it left, and its parcels go through this
 * node until a bypass is finished; `arrived`: it came.
 */
export interface TransferMessage {
  /** What happened. */
  readonly step: "split" | "proxied" | "arrived";
  /** Where it went, or came from. */
  readonly remoteNode: string;
}

/** This node takes itself out of a route. Channel `ipcz:bypass`. */
export interface BypassMessage {
  /** Whether that begins, or is done. */
  readonly step: "begun" | "finished";
}

/** A portal ended. Channel `ipcz:closure`. */
export interface ClosureMessage {
  /** It was closed here, its peer was, or the route between them was lost. */
  readonly step: "closed" | "peer-closed" | "lost";
}

/** Something of another node was unacceptable. Channel `ipcz:reject`. */
export interface RejectMessage {
  /** A message of ipcz's, which ends the connection; or a parcel, by `Parcel.reject`. */
  readonly what: "message" | "parcel";
  /** The name of the node here. */
  readonly node: string;
  /** Whose it was. */
  readonly remoteNode: string;
}

/** Names of the channels, without `ipcz:`, to what is published there. */
export interface DiagnosticsMessages {
  /** Connections between nodes. */
  readonly connect: ConnectMessage;
  /** Introductions by brokers. */
  readonly introduction: IntroductionMessage;
  /** Portals that travel. */
  readonly transfer: TransferMessage;
  /** Routes that get shorter. */
  readonly bypass: BypassMessage;
  /** Portals that end. */
  readonly closure: ClosureMessage;
  /** Messages and parcels that were rejected. */
  readonly reject: RejectMessage;
}

/** The name of a channel, without `ipcz:`. */
export type DiagnosticsName = keyof DiagnosticsMessages;

/** Told of everything: a counter, or the log. */
export type DiagnosticsTap = <N extends DiagnosticsName>(
  name: N,
  message: DiagnosticsMessages[N],
) => void;

const channels: Readonly<Record<DiagnosticsName, Channel>> = {
  connect: channel("ipcz:connect"),
  introduction: channel("ipcz:introduction"),
  transfer: channel("ipcz:transfer"),
  bypass: channel("ipcz:bypass"),
  closure: channel("ipcz:closure"),
  reject: channel("ipcz:reject"),
};

const taps = new Set<DiagnosticsTap>();

/** From now on `tap` is told; the answer undoes it. It must not throw, nor call ipcz. */
export function addTap(tap: DiagnosticsTap): () => void {
  taps.add(tap);
  observe();
  return () => {
    taps.delete(tap);
  };
}

/** From now on the channels are fed. Once set, the observer stays: it costs a look at its channel each time. */
export function observe(): void {
  const before = setNetworkObserver(observer);
  // A program's own one has priority.
  if (before !== null && before !== observer) setNetworkObserver(before);
}

function wanted(name: DiagnosticsName): boolean {
  return taps.size > 0 || channels[name].hasSubscribers;
}

/** Subscribers run in a microtask: ipcz is in the middle of a change when it tells, and they may do anything. */
function publish<N extends DiagnosticsName>(name: N, message: DiagnosticsMessages[N]): void {
  for (const tap of taps) tap(name, message);
  if (channels[name].hasSubscribers) queueMicrotask(() => channels[name].publish(message));
}

const observer: NetworkObserver = {
  connected(node, remoteNode, remoteIsBroker, introduced) {
    if (wanted("connect"))
      publish("connect", { step: "connected", node, remoteNode, remoteIsBroker, introduced });
  },
  disconnected(node, remoteNode) {
    if (wanted("connect")) {
      const unknown = { remoteIsBroker: null, introduced: null };
      publish("connect", { step: "disconnected", node, remoteNode, ...unknown });
    }
  },
  introduction(step, node, subject, remoteNode) {
    if (wanted("introduction")) publish("introduction", { step, node, subject, remoteNode });
  },
  transferred(step, remoteNode) {
    if (wanted("transfer")) publish("transfer", { step, remoteNode });
  },
  bypass(step) {
    if (wanted("bypass")) publish("bypass", { step });
  },
  closure(step) {
    if (wanted("closure")) publish("closure", { step });
  },
  rejected(what, node, remoteNode) {
    if (wanted("reject")) publish("reject", { what, node, remoteNode });
  },
};
