/**
 * The handshakes of one node that have no outcome yet.
 */
import type { IpczDriver, IpczResult } from "@ipcz/api";
import type { Turn } from "../../base/turn.ts";
import type { DriverTransport } from "../../driver/driver-transport.ts";
import type { NodePeer } from "../../links/contract.ts";
import type { MessageSchema } from "../../wire/schema.ts";
import {
  Handshake,
  type HandshakeContext,
  type HandshakeRole,
  type PendingHandshake,
} from "./handshake.ts";

export class Handshakes {
  private readonly pending = new Set<PendingHandshake>();
  private readonly context: HandshakeContext;

  constructor(driver: IpczDriver, turn: Turn) {
    this.context = { driver, turn, pending: this.pending };
  }

  get count(): number {
    return this.pending.size;
  }

  /** How many go on for `peer`. */
  countFor(peer: NodePeer): number {
    let count = 0;
    for (const handshake of this.pending) if (handshake.onBehalfOf === peer) count++;
    return count;
  }

  /** Starts one. Takes `transport`; when the answer is not OK, the role has failed and the transport is closed. */
  begin<S extends MessageSchema>(transport: DriverTransport, role: HandshakeRole<S>): IpczResult {
    return new Handshake(this.context, transport, role).start();
  }

  /** Fails those that go on for `peer`. */
  linkLost(peer: NodePeer): void {
    const pending = [...this.pending];
    for (const handshake of pending) if (handshake.onBehalfOf === peer) handshake.cancel();
  }

  /** Fails all: the node is closed. */
  cancelAll(): void {
    const pending = [...this.pending];
    for (const handshake of pending) handshake.cancel();
  }
}
