/**
 * Messages that concern the node, not a router: referrals, introductions, memory requests, relays. Implemented by the
 * node; one method a message, named after it (spec: wire 2.1).
 *
 * `objects` holds the driver objects of the message; what a method does not take is closed by the caller.
 */
import type { Verdict } from "../base/verdict.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
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
import type { NodePeer } from "./contract.ts";

export interface NodeInbox {
  referNonBroker(
    from: NodePeer,
    message: MessageOf<typeof ReferNonBroker>,
    objects: ObjectBag,
  ): Verdict;
  nonBrokerReferralAccepted(
    from: NodePeer,
    message: MessageOf<typeof NonBrokerReferralAccepted>,
    objects: ObjectBag,
  ): Verdict;
  nonBrokerReferralRejected(
    from: NodePeer,
    message: MessageOf<typeof NonBrokerReferralRejected>,
  ): Verdict;
  requestIntroduction(from: NodePeer, message: MessageOf<typeof RequestIntroduction>): Verdict;
  acceptIntroduction(
    from: NodePeer,
    message: MessageOf<typeof AcceptIntroduction>,
    objects: ObjectBag,
  ): Verdict;
  rejectIntroduction(from: NodePeer, message: MessageOf<typeof RejectIntroduction>): Verdict;
  requestIndirectIntroduction(
    from: NodePeer,
    message: MessageOf<typeof RequestIndirectIntroduction>,
  ): Verdict;
  requestMemory(from: NodePeer, message: MessageOf<typeof RequestMemory>): Verdict;
  provideMemory(
    from: NodePeer,
    message: MessageOf<typeof ProvideMemory>,
    objects: ObjectBag,
  ): Verdict;
  relayMessage(
    from: NodePeer,
    message: MessageOf<typeof RelayMessage>,
    objects: ObjectBag,
  ): Verdict;
  /** `message.data` is lent for the time of the call. */
  acceptRelayedMessage(
    from: NodePeer,
    message: MessageOf<typeof AcceptRelayedMessage>,
    objects: ObjectBag,
  ): Verdict;
  /** The transport of `link` failed, or its peer misbehaved. */
  linkFailed(link: NodePeer): void;
}
