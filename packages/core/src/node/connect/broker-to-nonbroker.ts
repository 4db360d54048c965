/**
 * A broker greets a node that joins its network: it names it and provides the memory of their link (spec: wire 3.2).
 */
import { IPCZ_RESULT_RESOURCE_EXHAUSTED, type IpczResult } from "@ipcz/api";
import type { Verdict } from "../../base/verdict.ts";
import type { DriverMapping, DriverMemory } from "../../driver/driver-memory.ts";
import type { DriverTransport } from "../../driver/driver-transport.ts";
import { LinkMemory } from "../../memory/link-memory.ts";
import { featuresToWords } from "../../wire/features.ts";
import { NODE_TYPE_NORMAL, type NodeName, SIDE_A } from "../../wire/ids.ts";
import {
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
} from "../../wire/messages/connect.ts";
import type { MessageOf } from "../../wire/schema.ts";
import { newNodeName } from "../node-name.ts";
import { type NodeServices, PROTOCOL_VERSION } from "../services.ts";
import { sendGreeting } from "./greeting.ts";
import type { HandshakeRole } from "./handshake.ts";
import type { InitialPortals } from "./initial-portals.ts";

/** Takes `transport` and `portals`. */
export function connectToNonBroker(
  services: NodeServices,
  transport: DriverTransport,
  portals: InitialPortals,
): IpczResult {
  const name = newNodeName(services.driver);
  const primary = name && LinkMemory.createPrimary(services.driver);
  if (!name || !primary) {
    transport.close();
    portals.fail();
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  const role = new BrokerToNonBroker(services, portals, { ...primary, name });
  return services.handshakes.begin(transport, role);
}

interface Offer {
  readonly name: NodeName;
  readonly memory: DriverMemory;
  readonly mapping: DriverMapping;
}

class BrokerToNonBroker implements HandshakeRole<typeof ConnectFromNonBrokerToBroker> {
  readonly awaited = ConnectFromNonBrokerToBroker;
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
      brokerName: this.services.name,
      receiverName: this.offer.name,
      protocolVersion: PROTOCOL_VERSION,
      numInitialPortals: this.portals.count,
      buffer: 0,
      features: featuresToWords(this.services.features),
    };
    const objects = [this.offer.memory.release()];
    return sendGreeting(transport, ConnectFromBrokerToNonBroker, values, objects);
  }

  accept(
    transport: DriverTransport,
    message: MessageOf<typeof ConnectFromNonBrokerToBroker>,
  ): Verdict {
    const link = this.services.addLink({
      transport,
      mapping: this.offer.mapping,
      side: SIDE_A,
      remoteName: this.offer.name,
      remoteType: NODE_TYPE_NORMAL,
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
