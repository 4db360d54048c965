/**
 * A broker welcomes a newcomer that one of its nodes refers: it names it, and gives the two a link (spec: wire 3.4).
 *
 * The newcomer is told first, so that whatever the referrer sends it through the broker finds it ready. When anything
 * fails, the referrer is told.
 */
import { IPCZ_RESULT_OK } from "@ipcz/api";
import { Limits } from "../../base/limits.ts";
import type { Verdict } from "../../base/verdict.ts";
import type { DriverMapping, DriverMemory } from "../../driver/driver-memory.ts";
import { DriverTransport } from "../../driver/driver-transport.ts";
import type { ObjectBag } from "../../driver/object-bag.ts";
import { LinkMemory } from "../../memory/link-memory.ts";
import { featuresToWords } from "../../wire/features.ts";
import { NODE_TYPE_NORMAL, SIDE_A } from "../../wire/ids.ts";
import {
  ConnectToReferredBroker,
  ConnectToReferredNonBroker,
  NonBrokerReferralAccepted,
  NonBrokerReferralRejected,
  type ReferNonBroker,
} from "../../wire/messages/connect.ts";
import type { MessageOf } from "../../wire/schema.ts";
import type { Connection } from "../connections.ts";
import { claimObject, createSharedPrimary, createTransportPair } from "../link-parts.ts";
import { newNodeName } from "../node-name.ts";
import { type NodeServices, PROTOCOL_VERSION } from "../services.ts";
import type { HandshakeRole } from "./handshake.ts";

/** `referrer`, a normal node of this network, hands over a transport. */
export function welcomeReferral(
  services: NodeServices,
  referrer: Connection,
  message: MessageOf<typeof ReferNonBroker>,
  objects: ObjectBag,
): Verdict {
  const object = claimObject(objects, message.transport);
  if (!object) return "reject";
  const { referralId } = message;
  const isFull = services.handshakes.countFor(referrer.link) >= Limits.pendingReferralsMax;
  const memories = isFull ? null : allocate(services);
  if (!memories) {
    object.close();
    referrer.link.send(NonBrokerReferralRejected, { referralId });
    return "accept";
  }
  const transport = new DriverTransport(object, services.listeners);
  const role = new BrokerOfReferral(services, referrer, message, memories);
  return services.handshakes.begin(transport, role) === IPCZ_RESULT_OK ? "accept" : "reject";
}

/** Primary buffers of two links. */
interface Memories {
  /** Of the newcomer's link to the broker. */
  readonly broker: { readonly memory: DriverMemory; readonly mapping: DriverMapping };
  /** Of its link to the referrer: a handle for each of them. */
  readonly referrer: readonly [newcomers: DriverMemory, referrers: DriverMemory];
}

function allocate(services: NodeServices): Memories | null {
  const broker = LinkMemory.createPrimary(services.driver);
  const referrer = broker && createSharedPrimary(services.driver);
  if (broker && referrer) return { broker, referrer };
  broker?.memory.close();
  broker?.mapping.close();
  return null;
}

class BrokerOfReferral implements HandshakeRole<typeof ConnectToReferredBroker> {
  readonly awaited = ConnectToReferredBroker;
  private readonly services: NodeServices;
  private readonly referrer: Connection;
  private readonly referral: MessageOf<typeof ReferNonBroker>;
  private readonly memories: Memories;

  constructor(
    services: NodeServices,
    referrer: Connection,
    referral: MessageOf<typeof ReferNonBroker>,
    memories: Memories,
  ) {
    this.services = services;
    this.referrer = referrer;
    this.referral = referral;
    this.memories = memories;
  }

  get onBehalfOf(): Connection["link"] {
    return this.referrer.link;
  }

  /** The newcomer speaks first. */
  greet(): boolean {
    return true;
  }

  accept(transport: DriverTransport, message: MessageOf<typeof ConnectToReferredBroker>): Verdict {
    const { services, referrer, referral, memories } = this;
    const { driver } = services;
    const name = newNodeName(driver);
    const pair =
      name && createTransportPair(driver, transport.handle, referrer.link.transportHandle);
    if (!name || !pair) return "reject";
    const link = services.addLink({
      transport,
      mapping: memories.broker.mapping,
      side: SIDE_A,
      remoteName: name,
      remoteType: NODE_TYPE_NORMAL,
      remoteFeatures: message.features,
      remoteProtocolVersion: message.protocolVersion,
      introducer: null,
    });
    services.startLink(link);
    link.send(
      ConnectToReferredNonBroker,
      {
        name,
        brokerName: services.name,
        referrerName: referrer.link.remoteName,
        brokerProtocolVersion: Math.min(message.protocolVersion, PROTOCOL_VERSION),
        referrerProtocolVersion: referrer.protocolVersion,
        numInitialPortals: referral.numInitialPortals,
        brokerLinkBuffer: 0,
        referrerLinkTransport: 1,
        referrerLinkBuffer: 2,
        brokerFeatures: featuresToWords(services.features),
        referrerFeatures: featuresToWords(referrer.features),
      },
      [memories.broker.memory.release(), pair[0], memories.referrer[0].release()],
    );
    referrer.link.send(
      NonBrokerReferralAccepted,
      {
        referralId: referral.referralId,
        protocolVersion: message.protocolVersion,
        numInitialPortals: message.numInitialPortals,
        name,
        transport: 0,
        buffer: 1,
        features: message.features,
      },
      [pair[1], memories.referrer[1].release()],
    );
    return "accept";
  }

  fail(): void {
    const { broker, referrer } = this.memories;
    broker.memory.close();
    broker.mapping.close();
    for (const memory of referrer) memory.close();
    this.referrer.link.send(NonBrokerReferralRejected, { referralId: this.referral.referralId });
  }
}
