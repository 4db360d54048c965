/**
 * A node passes newcomers on to its broker, which gives each of them a link to it (spec: wire 3.4).
 *
 * The transport is not activated here: it travels. While the node has no broker, referrals wait for one.
 */
import type { Verdict } from "../../base/verdict.ts";
import type { DriverMapping } from "../../driver/driver-memory.ts";
import type { DriverObject } from "../../driver/driver-object.ts";
import { DriverTransport } from "../../driver/driver-transport.ts";
import type { ObjectBag } from "../../driver/object-bag.ts";
import type { NodePeer } from "../../links/contract.ts";
import type { NodeLink } from "../../links/node-link.ts";
import { NO_NODE, NODE_TYPE_NORMAL, SIDE_A } from "../../wire/ids.ts";
import {
  type NonBrokerReferralAccepted,
  type NonBrokerReferralRejected,
  ReferNonBroker,
} from "../../wire/messages/connect.ts";
import type { MessageOf } from "../../wire/schema.ts";
import { claimObject, claimPrimary } from "../link-parts.ts";
import type { NodeServices } from "../services.ts";
import type { InitialPortals } from "./initial-portals.ts";

/** A referral that waits for a broker. */
interface Waiting {
  readonly transport: DriverObject;
  readonly portals: InitialPortals;
}

/** The referrals on one broker link. */
interface Asked {
  readonly link: NodePeer;
  nextId: number;
  readonly unanswered: Map<number, InitialPortals>;
}

type Accepted = MessageOf<typeof NonBrokerReferralAccepted>;

export class Referrals {
  private readonly services: NodeServices;
  private waiting: Waiting[] = [];
  /** Null while nothing was asked of the present broker. */
  private asked: Asked | null = null;

  constructor(services: NodeServices) {
    this.services = services;
  }

  /** Referrals without an outcome. */
  get count(): number {
    return this.waiting.length + (this.asked?.unanswered.size ?? 0);
  }

  /** Takes `transport` and `portals`. */
  refer(transport: DriverObject, portals: InitialPortals): void {
    const broker = this.services.connections.brokerLink;
    if (broker) this.ask(broker, transport, portals);
    else this.waiting.push({ transport, portals });
  }

  /** There is a broker now. */
  brokerFound(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const { transport, portals } of waiting) this.refer(transport, portals);
  }

  /** No broker is to be expected. */
  failWaiting(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const { transport, portals } of waiting) {
      transport.close();
      portals.fail();
    }
  }

  /** Fails what was asked over `link`. */
  linkLost(link: NodePeer): void {
    const { asked } = this;
    if (asked?.link !== link) return;
    this.asked = null;
    for (const portals of asked.unanswered.values()) portals.fail();
  }

  /** The broker has let the newcomer in. What it sends for the link may be unusable: then the referral has failed. */
  accepted(from: NodeLink, message: Accepted, objects: ObjectBag): Verdict {
    const { name } = message;
    const isOther = name !== NO_NODE && name !== from.localName && name !== from.remoteName;
    const portals = isOther ? this.takeUnanswered(from, message.referralId) : null;
    if (!portals) return "reject";
    const mapping = claimPrimary(objects, message.buffer);
    const object = claimObject(objects, message.transport);
    if (mapping && object) {
      const transport = new DriverTransport(object, this.services.listeners);
      this.connect(from, message, portals, transport, mapping);
    } else {
      mapping?.close();
      object?.close();
      portals.fail();
    }
    return "accept";
  }

  rejected(from: NodeLink, message: MessageOf<typeof NonBrokerReferralRejected>): Verdict {
    const portals = this.takeUnanswered(from, message.referralId);
    portals?.fail();
    return portals ? "accept" : "reject";
  }

  private ask(broker: NodeLink, transport: DriverObject, portals: InitialPortals): void {
    if (broker.isDead || !broker.canCarry([transport])) {
      transport.close();
      portals.fail();
      return;
    }
    if (this.asked?.link !== broker)
      this.asked = { link: broker, nextId: 0, unanswered: new Map() };
    const referralId = this.asked.nextId++;
    this.asked.unanswered.set(referralId, portals);
    const values = { referralId, numInitialPortals: portals.count, transport: 0 };
    broker.send(ReferNonBroker, values, [transport]);
  }

  private takeUnanswered(from: NodeLink, referralId: number): InitialPortals | null {
    if (this.asked?.link !== from) return null;
    const portals = this.asked.unanswered.get(referralId);
    this.asked.unanswered.delete(referralId);
    return portals ?? null;
  }

  /** Portals are bound first: what is sent before the transport is active waits in it. */
  private connect(
    introducer: NodeLink,
    message: Accepted,
    portals: InitialPortals,
    transport: DriverTransport,
    mapping: DriverMapping,
  ): void {
    const link = this.services.addLink({
      transport,
      mapping,
      side: SIDE_A,
      remoteName: message.name,
      remoteType: NODE_TYPE_NORMAL,
      remoteFeatures: message.features,
      remoteProtocolVersion: message.protocolVersion,
      introducer,
    });
    portals.bind(link, message.numInitialPortals);
    this.services.startLink(link);
  }
}
