/**
 * Finding connections by node name; implemented by the node (spec: routing 10.2).
 */
import type { DriverObject } from "../driver/driver-object.ts";
import type { NodeName } from "../wire/ids.ts";
import type { NodePeer } from "./contract.ts";

export interface LinkDirectory {
  /** The connection to `name`, if there is one now. */
  find(name: NodeName): NodePeer | null;
  /**
   * Finds or establishes a connection to `name`, by introduction if need be. `done` is called once: before this
   * returns when the answer is known, with null when no connection can be had.
   */
  establish(name: NodeName, done: (peer: NodePeer | null) => void): void;
  /**
   * Sends `message` to `destination` through the broker, because its objects cannot travel on the direct connection.
   * Takes `objects`; without a broker both are dropped (spec: wire 1.10).
   */
  relay(destination: NodeName, message: Uint8Array, objects: readonly DriverObject[]): void;
  /** The connection `peer` failed: forget it and tear it down (spec: routing 10.7). */
  drop(peer: NodePeer): void;
}
