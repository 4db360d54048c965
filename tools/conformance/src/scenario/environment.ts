/**
 * What a story runs in: an implementation of the table, drivers for its nodes, and ways to look inside.
 *
 * Everything is injected, so that a native library or another driver becomes one more environment and no scenario
 * changes. `environments.ts` holds those of this repository.
 */
import type { IpczAPI, IpczDriver, IpczDriverHandle, IpczHandle } from "@ipcz/api";
import type { Counters } from "../table/leaks.ts";

/** What a node of a story was created as. */
export type NodeRole = "broker" | "non-broker";

/** The features that are enabled on every node of a story. */
export interface FeatureSet {
  readonly name: string;
  readonly enabled: readonly number[];
}

/** Looks at what the API does not show. */
export interface Inspect {
  /** The portal's next hop is a stable central link to another node. Whether its peer is there is another question. */
  isDirectRemote(portal: IpczHandle): boolean;
  /**
   * A name for that link, the same on both of its nodes; null while `isDirectRemote` is false. Two portals that name
   * the same link are each other's peer without any node between.
   */
  linkName?(node: IpczHandle, portal: IpczHandle): string | null;
  /** The two portals are each other's peer by a direct local link. */
  areLocalPeers(left: IpczHandle, right: IpczHandle): boolean;
  /** Routers that exist in this process. */
  liveRouters(): number;
  /** One line about a portal's route, for the account of a failure. */
  describe?(portal: IpczHandle): string;
}

/** One node as a driver's partner: which driver it uses, and as what it acts. */
export interface NodeEnd {
  readonly driver: IpczDriver;
  readonly role: NodeRole;
}

/** The drivers of one story in one process. */
export interface World {
  /** The driver for one more node. Worlds may share one driver among nodes or make one for each. */
  openDriver(role: NodeRole): IpczDriver;
  /** Two connected transports: the first for `left`'s driver, the second for `right`'s. */
  createTransports(left: NodeEnd, right: NodeEnd): readonly [IpczDriverHandle, IpczDriverHandle];
  /** What the drivers still hold. */
  leaks(): Counters;
  /** Called once the story is over and counted. */
  close(): void;
}

/** All that a process needs to know to be one node of a story; travels as JSON. */
export interface NodeStart {
  readonly environment: string;
  readonly features: string;
  readonly scenario: string;
  /** Which of the scenario's nodes to be. */
  readonly node: string;
  /** Its name in accounts: `client`, `client#2`, … */
  readonly label: string;
  readonly role: NodeRole;
  readonly parentRole: NodeRole;
  readonly scale: number;
  /** When the story is taken for stalled, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** How a process ended, and everything it wrote. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** A process that runs one node. */
export interface StartedProcess {
  /** The starter's end of the transport between the two; the starter owns it. */
  readonly transport: IpczDriverHandle;
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  kill(): void;
}

/** Puts each spawned node into a process, or a thread, of its own. */
export interface ProcessPlacement {
  /** Starts a process for `start`, with one end of a new transport in it and the other for `parent`. */
  start(parent: NodeEnd, start: NodeStart): StartedProcess;
  /** In such a process: its end of that transport, for its driver. */
  inheritedTransport(driver: IpczDriver): IpczDriverHandle;
  /** In such a process: ends it at once, as from outside. Default: a signal to the process. */
  vanish?(): never;
}

/** One column of the matrix (together with a feature set). */
export interface Environment {
  readonly name: string;
  readonly api: IpczAPI;
  /** Flags that a non-broker adds when it connects to its parent: allocation delegation. */
  readonly clientConnectFlags: number;
  /** Null for an implementation that cannot be looked into; routes are then only tried, not looked at. */
  readonly inspect: Inspect | null;
  /**
   * Parcels that both ends of a route exchange at least before it counts as direct; for environments where not every
   * node can be looked into, so that routes have time to become so. Default: 1.
   */
  readonly linkExchangesMin?: number;
  /** Null: all nodes live in this process. */
  readonly processes: ProcessPlacement | null;
  /** Why a scenario, by its name, cannot be told here; null for all others, and by default. */
  readonly reasonToSkip?: (scenario: string) => string | null;
  createWorld(): World;
  /** What this process holds, whichever world made it: descriptors, mappings, routers. */
  leaks(): Counters;
}
