/**
 * A transport on which two nodes greet each other, until the first valid message that is awaited (spec: wire 1.8, 3;
 * api 4.3).
 *
 * What is sent, awaited and made of it is the role's business; one file each beside this one. Messages with unknown
 * ids are ignored, any other message is the peer's fault. A handshake ends once: accepted, when its transport has
 * become a link's; or failed, when the transport is closed.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNKNOWN,
  type IpczResult,
} from "@ipcz/api";
import type { Turn } from "../../base/turn.ts";
import type { Verdict } from "../../base/verdict.ts";
import { closeHandles } from "../../driver/driver-object.ts";
import type { DriverTransport, TransportListener } from "../../driver/driver-transport.ts";
import type { ObjectBag } from "../../driver/object-bag.ts";
import type { NodePeer } from "../../links/contract.ts";
import { type ReceivedMessage, unpackMessage } from "../../links/message-objects.ts";
import { decodeParams } from "../../wire/decode.ts";
import { messageById } from "../../wire/messages.ts";
import type { MessageOf, MessageSchema } from "../../wire/schema.ts";

/** What one side of a handshake sends and expects. */
export interface HandshakeRole<S extends MessageSchema> {
  readonly awaited: S;
  /** The link without which the handshake is pointless; null: none. */
  readonly onBehalfOf: NodePeer | null;
  /** Sends the first message over `transport`; false when that fails. */
  greet(transport: DriverTransport): boolean;
  /** Takes `transport` if it answers accept. What it leaves in `objects` is closed. */
  accept(transport: DriverTransport, message: MessageOf<S>, objects: ObjectBag): Verdict;
  /** There will be no link. Releases all that the role holds; the transport is closed by the handshake. */
  fail(): void;
}

/** A handshake without an outcome, as the node knows it. */
export interface PendingHandshake {
  readonly onBehalfOf: NodePeer | null;
  /** Fails it. */
  cancel(): void;
}

/** What handshakes of one node share. */
export interface HandshakeContext {
  readonly driver: IpczDriver;
  readonly turn: Turn;
  /** Those without an outcome. */
  readonly pending: Set<PendingHandshake>;
}

export class Handshake<S extends MessageSchema> implements TransportListener, PendingHandshake {
  private readonly context: HandshakeContext;
  private readonly transport: DriverTransport;
  private readonly role: HandshakeRole<S>;
  private phase: "starting" | "waiting" | "refused" | "over" = "starting";
  private greeting: "due" | "sent" | "failed" = "due";

  /** Takes `transport`. */
  constructor(context: HandshakeContext, transport: DriverTransport, role: HandshakeRole<S>) {
    this.context = context;
    this.transport = transport;
    this.role = role;
    context.pending.add(this);
  }

  get onBehalfOf(): NodePeer | null {
    return this.role.onBehalfOf;
  }

  /**
   * Activates the transport and sends the role's greeting; when either fails, so has the handshake. OK does not mean
   * that it goes on: a driver may deliver the awaited message, or an error, before the activation returns.
   */
  start(): IpczResult {
    if (this.transport.activate(this) !== IPCZ_RESULT_OK) {
      this.cancel();
      return IPCZ_RESULT_UNKNOWN;
    }
    if (this.phase === "starting") {
      this.phase = "waiting";
      this.greet();
    }
    if (this.greeting !== "failed") return IPCZ_RESULT_OK;
    this.cancel();
    return IPCZ_RESULT_UNKNOWN;
  }

  cancel(): void {
    if (this.phase === "over") return;
    this.end();
    this.transport.close();
    this.role.fail();
  }

  onMessage(bytes: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): boolean {
    this.context.turn.enterEvent();
    try {
      return this.receive(bytes, numBytes, handles) !== "reject";
    } finally {
      this.context.turn.leaveEvent();
    }
  }

  onError(): void {
    this.context.turn.event(() => this.cancel());
  }

  onDeactivated(): void {
    this.onError();
  }

  private end(): void {
    this.phase = "over";
    this.context.pending.delete(this);
  }

  /** The driver answers a rejection with an error, and only that ends the handshake (spec: api 3.5.2). */
  private receive(
    bytes: Uint8Array,
    numBytes: number,
    handles: readonly IpczDriverHandle[],
  ): Verdict {
    const { driver } = this.context;
    if (this.phase === "refused" || this.phase === "over") {
      closeHandles(driver, handles);
      return "reject";
    }
    const { handle } = this.transport;
    const greeting = unpackMessage(driver, handle, bytes, numBytes, handles);
    const verdict = greeting ? this.judge(greeting) : "reject";
    greeting?.objects.closeRest();
    if (verdict === "reject") this.phase = "refused";
    return verdict;
  }

  private judge({ header, bytes, numBytes, objects }: ReceivedMessage): Verdict {
    const { awaited } = this.role;
    if (header.messageId !== awaited.id) return messageById(header.messageId) ? "reject" : "ignore";
    const message = decodeParams(awaited, bytes, numBytes, header.size, objects.count);
    // Our greeting must come before anything that the new link sends.
    if (!message || !this.greet()) return "reject";
    // From here on the transport and the portals are the role's, whatever happens meanwhile.
    this.phase = "over";
    const verdict = this.role.accept(this.transport, message, objects);
    if (verdict !== "reject") this.end();
    return verdict;
  }

  /** Once. False when the greeting could not be sent. A driver may deliver the answer before this returns. */
  private greet(): boolean {
    if (this.greeting === "due") {
      this.greeting = "sent";
      if (!this.role.greet(this.transport)) this.greeting = "failed";
    }
    return this.greeting === "sent";
  }
}
