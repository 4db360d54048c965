/**
 * A node greets the broker whose network it joins; from the answer it learns its name (spec: wire 3.2).
 *
 * A node that fails to join is of no use in the network it was in before either: it ends all its links and fails
 * whoever waits for a broker (spec: api 4.6). Not so when a second broker answers while the first one is still there:
 * that mistake costs the new connection only.
 */
import type { IpczResult } from "@ipcz/api";
import type { Verdict } from "../../base/verdict.ts";
import type { DriverTransport } from "../../driver/driver-transport.ts";
import type { ObjectBag } from "../../driver/object-bag.ts";
import { featuresToWords } from "../../wire/features.ts";
import { NO_NODE, NODE_TYPE_BROKER, SIDE_B } from "../../wire/ids.ts";
import {
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
} from "../../wire/messages/connect.ts";
import type { MessageOf } from "../../wire/schema.ts";
import { claimPrimary } from "../link-parts.ts";
import { type NodeServices, PROTOCOL_VERSION } from "../services.ts";
import { sendGreeting } from "./greeting.ts";
import type { HandshakeRole } from "./handshake.ts";
import type { InitialPortals } from "./initial-portals.ts";

/** Takes `transport` and `portals`. */
export function connectToBroker(
  services: NodeServices,
  transport: DriverTransport,
  portals: InitialPortals,
  toDelegate: boolean,
): IpczResult {
  return services.handshakes.begin(transport, new NonBrokerToBroker(services, portals, toDelegate));
}

class NonBrokerToBroker implements HandshakeRole<typeof ConnectFromBrokerToNonBroker> {
  readonly awaited = ConnectFromBrokerToNonBroker;
  readonly onBehalfOf = null;
  private readonly services: NodeServices;
  private readonly portals: InitialPortals;
  private readonly toDelegate: boolean;
  /** Another broker has this node. */
  private taken = false;

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
    return sendGreeting(transport, ConnectFromNonBrokerToBroker, values, []);
  }

  accept(
    transport: DriverTransport,
    message: MessageOf<typeof ConnectFromBrokerToNonBroker>,
    objects: ObjectBag,
  ): Verdict {
    const { brokerName, receiverName } = message;
    if (brokerName === NO_NODE || receiverName === NO_NODE || brokerName === receiverName)
      return "reject";
    const broker = this.services.connections.brokerLink;
    this.taken = broker !== null && !broker.isDead && broker.remoteName !== brokerName;
    const mapping = this.taken ? null : claimPrimary(objects, message.buffer);
    if (!mapping) return "reject";
    const connected = {
      transport,
      mapping,
      side: SIDE_B,
      remoteName: brokerName,
      remoteType: NODE_TYPE_BROKER,
      remoteFeatures: message.features,
      remoteProtocolVersion: message.protocolVersion,
      introducer: null,
    } as const;
    const link = this.services.joinNetwork(receiverName, connected, this.toDelegate);
    this.services.startLink(link);
    this.portals.bind(link, message.numInitialPortals);
    this.services.brokerFound();
    return "accept";
  }

  fail(): void {
    this.portals.fail();
    if (!this.taken) this.services.reset();
  }
}
