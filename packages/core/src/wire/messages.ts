/**
 * The protocol on one page: every message by id, who sends it to whom, and its schema (spec: wire 2).
 *
 * Ids that are not listed are unknown, and ignored by receivers.
 */
import {
  ConnectFromBrokerToBroker,
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
  ConnectToReferredBroker,
  ConnectToReferredNonBroker,
  NonBrokerReferralAccepted,
  NonBrokerReferralRejected,
  ReferNonBroker,
} from "./messages/connect.ts";
import {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIndirectIntroduction,
  RequestIntroduction,
} from "./messages/introduce.ts";
import {
  AddBlockBuffer,
  checkAddBlockBuffer,
  checkRequestMemory,
  ProvideMemory,
  RequestMemory,
} from "./messages/memory.ts";
import { AcceptParcel, AcceptParcelDriverObjects, checkAcceptParcel } from "./messages/parcel.ts";
import { AcceptRelayedMessage, RelayMessage } from "./messages/relay.ts";
import {
  AcceptBypassLink,
  BypassPeer,
  BypassPeerWithLink,
  FlushRouter,
  ProxyWillStop,
  RouteClosed,
  RouteDisconnected,
  StopProxying,
  StopProxyingToLocalPeer,
} from "./messages/route.ts";
import type { FieldValue, MessageSchema } from "./schema.ts";

/** Which nodes send, or get, a message. */
export type Role = "broker" | "non-broker" | "any";

/** One message of the protocol. */
export interface Message {
  readonly id: number;
  readonly name: string;
  readonly from: Role;
  readonly to: Role;
  readonly schema: MessageSchema;
  /** What must hold between fields, and needs no knowledge of the link; false: reject. */
  check?(this: void, values: Readonly<Record<string, FieldValue>>, numObjects: number): boolean;
}

/** All messages, by id. */
export const MESSAGES: readonly Message[] = [
  row(0, "ConnectFromBrokerToNonBroker", "broker", "non-broker", ConnectFromBrokerToNonBroker),
  row(1, "ConnectFromNonBrokerToBroker", "non-broker", "broker", ConnectFromNonBrokerToBroker),
  row(2, "ReferNonBroker", "non-broker", "broker", ReferNonBroker),
  row(3, "ConnectToReferredBroker", "non-broker", "broker", ConnectToReferredBroker),
  row(4, "ConnectToReferredNonBroker", "broker", "non-broker", ConnectToReferredNonBroker),
  row(5, "NonBrokerReferralAccepted", "broker", "non-broker", NonBrokerReferralAccepted),
  row(6, "NonBrokerReferralRejected", "broker", "non-broker", NonBrokerReferralRejected),
  row(7, "ConnectFromBrokerToBroker", "broker", "broker", ConnectFromBrokerToBroker),

  row(10, "RequestIntroduction", "any", "broker", RequestIntroduction),
  row(11, "AcceptIntroduction", "broker", "any", AcceptIntroduction),
  row(12, "RejectIntroduction", "broker", "any", RejectIntroduction),
  row(13, "RequestIndirectIntroduction", "broker", "broker", RequestIndirectIntroduction),
  row(14, "AddBlockBuffer", "any", "any", AddBlockBuffer, checkAddBlockBuffer),

  row(20, "AcceptParcel", "any", "any", AcceptParcel, checkAcceptParcel),
  row(21, "AcceptParcelDriverObjects", "any", "any", AcceptParcelDriverObjects),
  row(22, "RouteClosed", "any", "any", RouteClosed),
  row(23, "RouteDisconnected", "any", "any", RouteDisconnected),

  row(30, "BypassPeer", "any", "any", BypassPeer),
  row(31, "AcceptBypassLink", "any", "any", AcceptBypassLink),
  row(32, "StopProxying", "any", "any", StopProxying),
  row(33, "ProxyWillStop", "any", "any", ProxyWillStop),
  row(34, "BypassPeerWithLink", "any", "any", BypassPeerWithLink),
  row(35, "StopProxyingToLocalPeer", "any", "any", StopProxyingToLocalPeer),
  row(36, "FlushRouter", "any", "any", FlushRouter),

  row(64, "RequestMemory", "any", "any", RequestMemory, checkRequestMemory),
  row(65, "ProvideMemory", "any", "any", ProvideMemory),
  row(66, "RelayMessage", "any", "broker", RelayMessage),
  row(67, "AcceptRelayedMessage", "broker", "any", AcceptRelayedMessage),
];

/** The message with this id; undefined: unknown, to be ignored once its driver objects are taken care of. */
export function messageById(id: number): Message | undefined {
  return BY_ID[id];
}

const BY_ID: readonly (Message | undefined)[] = Array.from({ length: 256 }, (_, id) =>
  MESSAGES.find((message) => message.id === id),
);

function row(
  id: number,
  name: string,
  from: Role,
  to: Role,
  schema: MessageSchema,
  check?: Message["check"],
): Message {
  return check ? { id, name, from, to, schema, check } : { id, name, from, to, schema };
}
