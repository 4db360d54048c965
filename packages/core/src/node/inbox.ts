/**
 * Messages that concern the node, each to the part that answers it. Who may send what is checked here, before
 * anything else (spec: wire 2.1).
 */
import type { Verdict } from "../base/verdict.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import type { NodePeer } from "../links/contract.ts";
import type { NodeInbox } from "../links/node-inbox.ts";
import { NODE_TYPE_BROKER, SIDE_A } from "../wire/ids.ts";
import type {
  NonBrokerReferralAccepted,
  NonBrokerReferralRejected,
  ReferNonBroker,
} from "../wire/messages/connect.ts";
import type {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIndirectIntroduction,
  RequestIntroduction,
} from "../wire/messages/introduce.ts";
import type { ProvideMemory, RequestMemory } from "../wire/messages/memory.ts";
import type { AcceptRelayedMessage, RelayMessage } from "../wire/messages/relay.ts";
import type { MessageOf } from "../wire/schema.ts";
import { welcomeReferral } from "./connect/broker-of-referral.ts";
import type { Referrals } from "./connect/referrer.ts";
import type { Connection } from "./connections.ts";
import type { Introducer } from "./introduce.ts";
import type { Introductions } from "./introductions.ts";
import type { NodeMemory } from "./memory-source.ts";
import type { Relay } from "./relay.ts";
import type { NodeServices } from "./services.ts";

/** Who answers. */
export interface InboxParts {
  readonly services: NodeServices;
  readonly referrals: Referrals;
  readonly introductions: Introductions;
  readonly introducer: Introducer;
  readonly memory: NodeMemory;
  readonly relay: Relay;
}

export class Inbox implements NodeInbox {
  private readonly parts: InboxParts;

  constructor(parts: InboxParts) {
    this.parts = parts;
  }

  referNonBroker(
    from: NodePeer,
    message: MessageOf<typeof ReferNonBroker>,
    objects: ObjectBag,
  ): Verdict {
    const { services } = this.parts;
    const sender = this.sender(from);
    if (!services.isBroker || (sender && isBroker(sender))) return "reject";
    return sender ? welcomeReferral(services, sender, message, objects) : "ignore";
  }

  nonBrokerReferralAccepted(
    from: NodePeer,
    message: MessageOf<typeof NonBrokerReferralAccepted>,
    objects: ObjectBag,
  ): Verdict {
    return this.fromBroker(from, ({ link }) =>
      this.parts.referrals.accepted(link, message, objects),
    );
  }

  nonBrokerReferralRejected(
    from: NodePeer,
    message: MessageOf<typeof NonBrokerReferralRejected>,
  ): Verdict {
    return this.fromBroker(from, ({ link }) => this.parts.referrals.rejected(link, message));
  }

  requestIntroduction(from: NodePeer, message: MessageOf<typeof RequestIntroduction>): Verdict {
    if (!this.parts.services.isBroker) return "reject";
    return this.parts.introducer.request(from, message.name);
  }

  acceptIntroduction(
    from: NodePeer,
    message: MessageOf<typeof AcceptIntroduction>,
    objects: ObjectBag,
  ): Verdict {
    return this.fromBroker(from, ({ link }) =>
      this.parts.introductions.accept(link, message, objects),
    );
  }

  rejectIntroduction(from: NodePeer, message: MessageOf<typeof RejectIntroduction>): Verdict {
    return this.fromBroker(from, () => this.parts.introductions.refused(from, message));
  }

  requestIndirectIntroduction(
    from: NodePeer,
    { sourceNode, targetNode }: MessageOf<typeof RequestIndirectIntroduction>,
  ): Verdict {
    if (!this.parts.services.isBroker || from.side !== SIDE_A) return "reject";
    return this.fromBroker(from, () =>
      this.parts.introducer.requestIndirect(sourceNode, targetNode),
    );
  }

  requestMemory(from: NodePeer, message: MessageOf<typeof RequestMemory>): Verdict {
    return this.parts.memory.answer(from, message);
  }

  provideMemory(
    from: NodePeer,
    message: MessageOf<typeof ProvideMemory>,
    objects: ObjectBag,
  ): Verdict {
    return this.parts.memory.provide(from, message, objects);
  }

  relayMessage(
    from: NodePeer,
    message: MessageOf<typeof RelayMessage>,
    objects: ObjectBag,
  ): Verdict {
    return this.parts.services.isBroker ? this.parts.relay.pass(from, message, objects) : "reject";
  }

  acceptRelayedMessage(
    from: NodePeer,
    message: MessageOf<typeof AcceptRelayedMessage>,
    objects: ObjectBag,
  ): Verdict {
    return this.fromBroker(from, () => this.parts.relay.accept(from, message, objects));
  }

  linkFailed(link: NodePeer): void {
    this.parts.services.drop(link);
  }

  /** Null: the link was replaced or lost; what still comes from it has no effect. */
  private sender(from: NodePeer): Connection | null {
    return this.parts.services.connections.of(from);
  }

  private fromBroker(from: NodePeer, handle: (sender: Connection) => Verdict): Verdict {
    const sender = this.sender(from);
    if (!sender) return "ignore";
    return isBroker(sender) ? handle(sender) : "reject";
  }
}

function isBroker({ link }: Connection): boolean {
  return link.remoteType === NODE_TYPE_BROKER;
}
