/**
 * A node joins the network that its neighbour is in: it greets the neighbour's broker over the neighbour's transport,
 * and gets a link to each of the two (spec: wire 3.4).
 */
import type { IpczResult } from "@ipcz/api";
import type { Verdict } from "../../base/verdict.ts";
import { DriverTransport } from "../../driver/driver-transport.ts";
import type { ObjectBag } from "../../driver/object-bag.ts";
import { featuresToWords } from "../../wire/features.ts";
import { NO_NODE, NODE_TYPE_BROKER, NODE_TYPE_NORMAL, SIDE_B } from "../../wire/ids.ts";
import {
  ConnectToReferredBroker,
  ConnectToReferredNonBroker,
} from "../../wire/messages/connect.ts";
import type { MessageOf } from "../../wire/schema.ts";
import { claimObject, claimPrimary } from "../link-parts.ts";
import { type NewLink, type NodeServices, PROTOCOL_VERSION } from "../services.ts";
import { sendGreeting } from "./greeting.ts";
import type { HandshakeRole } from "./handshake.ts";
import type { InitialPortals } from "./initial-portals.ts";

/** Takes `transport` and `portals`. */
export function inheritBroker(
  services: NodeServices,
  transport: DriverTransport,
  portals: InitialPortals,
  toDelegate: boolean,
): IpczResult {
  return services.handshakes.begin(transport, new Referred(services, portals, toDelegate));
}

type Welcome = MessageOf<typeof ConnectToReferredNonBroker>;

class Referred implements HandshakeRole<typeof ConnectToReferredNonBroker> {
  readonly awaited = ConnectToReferredNonBroker;
  readonly onBehalfOf = null;
  private readonly services: NodeServices;
  private readonly portals: InitialPortals;
  private readonly toDelegate: boolean;

  constructor(services: NodeServices, portals: InitialPortals, toDelegate: boolean) {
    this.services = services;
    this.portals = portals;
    this.toDelegate = toDelegate;
  }

  greet(transport: DriverTransport): boolean {
    const values = {
      protocolVersion: PROTOCOL_VERSION,
      numInitialPortals: this.portals.count,
      features: featuresToWords(this.services.features),
    };
    return sendGreeting(transport, ConnectToReferredBroker, values, []);
  }

  accept(transport: DriverTransport, message: Welcome, objects: ObjectBag): Verdict {
    const broker = this.services.connections.brokerLink;
    const hasBroker = broker !== null && !broker.isDead;
    if (hasBroker || !areThreeNodes(message)) return "reject";
    const links = this.claimLinks(transport, message, objects);
    if (!links) return "reject";
    const brokerLink = this.services.joinNetwork(message.name, links.broker, this.toDelegate);
    this.services.startLink(brokerLink);
    const link = this.services.addLink({ ...links.referrer, introducer: brokerLink });
    // What is sent before the transport is active waits in it; what is received finds every portal bound.
    this.portals.bind(link, message.numInitialPortals);
    this.services.startLink(link);
    this.services.brokerFound();
    return "accept";
  }

  fail(): void {
    this.portals.fail();
  }

  /** Null: what both links need is not there. */
  private claimLinks(
    transport: DriverTransport,
    message: Welcome,
    objects: ObjectBag,
  ): { readonly broker: NewLink; readonly referrer: NewLink } | null {
    const object = claimObject(objects, message.referrerLinkTransport);
    const brokerMapping = claimPrimary(objects, message.brokerLinkBuffer);
    const mapping = claimPrimary(objects, message.referrerLinkBuffer);
    if (!object || !brokerMapping || !mapping) {
      object?.close();
      brokerMapping?.close();
      mapping?.close();
      return null;
    }
    const broker = {
      transport,
      mapping: brokerMapping,
      side: SIDE_B,
      remoteName: message.brokerName,
      remoteType: NODE_TYPE_BROKER,
      remoteFeatures: message.brokerFeatures,
      remoteProtocolVersion: message.brokerProtocolVersion,
      introducer: null,
    } as const;
    const referrer = {
      transport: new DriverTransport(object, this.services.listeners),
      mapping,
      side: SIDE_B,
      remoteName: message.referrerName,
      remoteType: NODE_TYPE_NORMAL,
      remoteFeatures: message.referrerFeatures,
      remoteProtocolVersion: message.referrerProtocolVersion,
      introducer: null,
    } as const;
    return { broker, referrer };
  }
}

/** All three have names, and no two of them the same. */
function areThreeNodes({ name, brokerName, referrerName }: Welcome): boolean {
  return new Set([NO_NODE, name, brokerName, referrerName]).size === 4;
}
