/**
 * Messages that concern the node, to its inbox. Handshakes on an established connection are nobody's.
 */
import type { Verdict } from "../base/verdict.ts";
import { decodeParams } from "../wire/decode.ts";
import {
  NonBrokerReferralAccepted,
  NonBrokerReferralRejected,
  ReferNonBroker,
} from "../wire/messages/connect.ts";
import {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIndirectIntroduction,
  RequestIntroduction,
} from "../wire/messages/introduce.ts";
import { ProvideMemory, RequestMemory } from "../wire/messages/memory.ts";
import { AcceptRelayedMessage, RelayMessage } from "../wire/messages/relay.ts";
import type { MessageOf, MessageSchema } from "../wire/schema.ts";
import type { NodePeer } from "./contract.ts";
import type { ReceivedMessage } from "./message-objects.ts";
import type { NodeInbox } from "./node-inbox.ts";

/** A connection whose node reads mail. */
interface NodeReceiver extends NodePeer {
  readonly inbox: NodeInbox;
}

/** Null: not a message for the node. */
export function dispatchToNode(receiver: NodeReceiver, received: ReceivedMessage): Verdict | null {
  const { inbox } = receiver;
  const { objects } = received;
  switch (received.header.messageId) {
    case ReferNonBroker.id:
      return toInbox(received, ReferNonBroker, (message) =>
        inbox.referNonBroker(receiver, message, objects),
      );
    case NonBrokerReferralAccepted.id:
      return toInbox(received, NonBrokerReferralAccepted, (message) =>
        inbox.nonBrokerReferralAccepted(receiver, message, objects),
      );
    case NonBrokerReferralRejected.id:
      return toInbox(received, NonBrokerReferralRejected, (message) =>
        inbox.nonBrokerReferralRejected(receiver, message),
      );
    case RequestIntroduction.id:
      return toInbox(received, RequestIntroduction, (message) =>
        inbox.requestIntroduction(receiver, message),
      );
    case AcceptIntroduction.id:
      return toInbox(received, AcceptIntroduction, (message) =>
        inbox.acceptIntroduction(receiver, message, objects),
      );
    case RejectIntroduction.id:
      return toInbox(received, RejectIntroduction, (message) =>
        inbox.rejectIntroduction(receiver, message),
      );
    case RequestIndirectIntroduction.id:
      return toInbox(received, RequestIndirectIntroduction, (message) =>
        inbox.requestIndirectIntroduction(receiver, message),
      );
    default:
      return dispatchMemoryAndRelay(receiver, received);
  }
}

function dispatchMemoryAndRelay(receiver: NodeReceiver, received: ReceivedMessage): Verdict | null {
  const { inbox } = receiver;
  const { objects } = received;
  switch (received.header.messageId) {
    case RequestMemory.id:
      return toInbox(received, RequestMemory, (message) => inbox.requestMemory(receiver, message));
    case ProvideMemory.id:
      return toInbox(received, ProvideMemory, (message) =>
        inbox.provideMemory(receiver, message, objects),
      );
    case RelayMessage.id:
      return toInbox(received, RelayMessage, (message) =>
        inbox.relayMessage(receiver, message, objects),
      );
    case AcceptRelayedMessage.id:
      return toInbox(received, AcceptRelayedMessage, (message) =>
        inbox.acceptRelayedMessage(receiver, message, objects),
      );
    default:
      return null;
  }
}

function toInbox<S extends MessageSchema>(
  received: ReceivedMessage,
  schema: S,
  handle: (message: MessageOf<S>) => Verdict,
): Verdict {
  const { header, bytes, numBytes, objects } = received;
  const message = decodeParams(schema, bytes, numBytes, header.size, objects.count);
  return message ? handle(message) : "reject";
}
