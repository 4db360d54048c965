/**
 * Two brokers greet each other, and their networks become one (spec: wire 3.3).
 *
 * Each offers memory. The one with the greater name is side A of the link, and its memory is used.
 */
import { IPCZ_RESULT_RESOURCE_EXHAUSTED, type IpczResult } from "@ipcz/api";
import type { Verdict } from "../../base/verdict.ts";
import type { DriverMapping, DriverMemory } from "../../driver/driver-memory.ts";
import type { DriverTransport } from "../../driver/driver-transport.ts";
import type { ObjectBag } from "../../driver/object-bag.ts";
import { LinkMemory } from "../../memory/link-memory.ts";
import { featuresToWords } from "../../wire/features.ts";
import { NO_NODE, NODE_TYPE_BROKER, SIDE_A, SIDE_B } from "../../wire/ids.ts";
import { ConnectFromBrokerToBroker } from "../../wire/messages/connect.ts";
import type { MessageOf } from "../../wire/schema.ts";
import { claimPrimary } from "../link-parts.ts";
import { type NodeServices, PROTOCOL_VERSION } from "../services.ts";
import { sendGreeting } from "./greeting.ts";
import type { HandshakeRole } from "./handshake.ts";
import type { InitialPortals } from "./initial-portals.ts";

/** Takes `transport` and `portals`. */
export function connectBrokers(
  services: NodeServices,
  transport: DriverTransport,
  portals: InitialPortals,
): IpczResult {
  const primary = LinkMemory.createPrimary(services.driver);
  if (!primary) {
    transport.close();
    portals.fail();
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  return services.handshakes.begin(transport, new BrokerToBroker(services, portals, primary));
}

interface Offer {
  readonly memory: DriverMemory;
  readonly mapping: DriverMapping;
}

class BrokerToBroker implements HandshakeRole<typeof ConnectFromBrokerToBroker> {
  readonly awaited = ConnectFromBrokerToBroker;
  readonly onBehalfOf = null;
  private readonly services: NodeServices;
  private readonly portals: InitialPortals;
  private readonly offer: Offer;

  constructor(services: NodeServices, portals: InitialPortals, offer: Offer) {
    this.services = services;
    this.portals = portals;
    this.offer = offer;
  }

  greet(transport: DriverTransport): boolean {
    const values = {
      name: this.services.name,
      protocolVersion: PROTOCOL_VERSION,
      numInitialPortals: this.portals.count,
      buffer: 0,
      features: featuresToWords(this.services.features),
    };
    const objects = [this.offer.memory.release()];
    return sendGreeting(transport, ConnectFromBrokerToBroker, values, objects);
  }

  /** Equal names would make both ends side B: a broker cannot connect to itself. */
  accept(
    transport: DriverTransport,
    message: MessageOf<typeof ConnectFromBrokerToBroker>,
    objects: ObjectBag,
  ): Verdict {
    const { name } = message;
    if (name === NO_NODE || name === this.services.name) return "reject";
    const side = name < this.services.name ? SIDE_A : SIDE_B;
    const mapping = side === SIDE_A ? this.offer.mapping : claimPrimary(objects, message.buffer);
    if (!mapping) return "reject";
    if (side === SIDE_B) this.offer.mapping.close();
    const link = this.services.addLink({
      transport,
      mapping,
      side,
      remoteName: name,
      remoteType: NODE_TYPE_BROKER,
      remoteFeatures: message.features,
      remoteProtocolVersion: message.protocolVersion,
      introducer: null,
    });
    this.services.startLink(link);
    this.portals.bind(link, message.numInitialPortals);
    return "accept";
  }

  fail(): void {
    this.offer.memory.close();
    this.offer.mapping.close();
    this.portals.fail();
  }
}
