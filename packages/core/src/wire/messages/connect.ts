/**
 * Handshakes and referrals, ids 0-7: how two nodes become linked that no broker introduced (spec: wire 2.1 and 3).
 */
import type { MessageSchema } from "../schema.ts";

/** A broker greets a node that it names and lends memory to. */
export const ConnectFromBrokerToNonBroker = {
  id: 0,
  v0: [
    ["brokerName", "nodeName", "my name"],
    ["receiverName", "nodeName", "the name I give to you"],
    ["protocolVersion", "u32", "the newest protocol I speak"],
    ["numInitialPortals", "u32", "how many portals I bind to this connection"],
    ["buffer", "objectIndex", "the primary buffer of our link, initialised"],
    ["padding", "zero(4)", "nothing"],
  ],
  v1: [["features", "array(featureWord)", "what I can do"]],
} as const;
ConnectFromBrokerToNonBroker satisfies MessageSchema;

/** A node greets the broker it joins. */
export const ConnectFromNonBrokerToBroker = {
  id: 1,
  v0: [
    ["protocolVersion", "u32", "the newest protocol I speak"],
    ["numInitialPortals", "u32", "how many portals I bind to this connection"],
  ],
  v1: [["features", "array(featureWord)", "what I can do"]],
} as const;
ConnectFromNonBrokerToBroker satisfies MessageSchema;

/** A node asks its broker to take in a newcomer at the other end of a transport. */
export const ReferNonBroker = {
  id: 2,
  v0: [
    ["referralId", "u64", "what your answer shall be called; I count from 0"],
    ["numInitialPortals", "u32", "how many portals I bind to my link with the newcomer"],
    ["transport", "objectIndex", "the transport whose other end the newcomer holds"],
  ],
} as const;
ReferNonBroker satisfies MessageSchema;

/** A newcomer greets the broker of the node that refers it. */
export const ConnectToReferredBroker = {
  id: 3,
  v0: [
    ["protocolVersion", "u32", "the newest protocol I speak"],
    ["numInitialPortals", "u32", "how many portals I bind to my link with the referrer"],
  ],
  v1: [["features", "array(featureWord)", "what I can do"]],
} as const;
ConnectToReferredBroker satisfies MessageSchema;

/** A broker welcomes a newcomer and hands it the link to its referrer. */
export const ConnectToReferredNonBroker = {
  id: 4,
  v0: [
    ["name", "nodeName", "the name I give to you"],
    ["brokerName", "nodeName", "my name"],
    ["referrerName", "nodeName", "the name of the node that referred you"],
    ["brokerProtocolVersion", "u32", "the protocol you and I speak"],
    ["referrerProtocolVersion", "u32", "the newest protocol the referrer speaks"],
    ["numInitialPortals", "u32", "how many portals the referrer binds to its link with you"],
    ["brokerLinkBuffer", "objectIndex", "the primary buffer of our link"],
    ["referrerLinkTransport", "objectIndex", "your end of the transport to the referrer"],
    ["referrerLinkBuffer", "objectIndex", "the primary buffer of your link with the referrer"],
  ],
  v1: [
    ["brokerFeatures", "array(featureWord)", "what I can do"],
    ["referrerFeatures", "array(featureWord)", "what the referrer can do"],
  ],
} as const;
ConnectToReferredNonBroker satisfies MessageSchema;

/** A broker tells the referrer that the newcomer is in, and hands over the link to it. */
export const NonBrokerReferralAccepted = {
  id: 5,
  v0: [
    ["referralId", "u64", "the referral this answers"],
    ["protocolVersion", "u32", "the newest protocol the newcomer speaks"],
    ["numInitialPortals", "u32", "how many portals the newcomer binds to its link with you"],
    ["name", "nodeName", "the name I gave to the newcomer"],
    ["transport", "objectIndex", "your end of the transport to the newcomer"],
    ["buffer", "objectIndex", "the primary buffer of your link with the newcomer"],
  ],
  v1: [["features", "array(featureWord)", "what the newcomer can do"]],
} as const;
NonBrokerReferralAccepted satisfies MessageSchema;

/** A broker tells the referrer that the newcomer did not make it. */
export const NonBrokerReferralRejected = {
  id: 6,
  v0: [["referralId", "u64", "the referral this answers"]],
} as const;
NonBrokerReferralRejected satisfies MessageSchema;

/** Two brokers greet each other; the memory of the one with the greater name is used. */
export const ConnectFromBrokerToBroker = {
  id: 7,
  v0: [
    ["name", "nodeName", "my name"],
    ["protocolVersion", "u32", "the newest protocol I speak"],
    ["numInitialPortals", "u32", "how many portals I bind to this connection"],
    ["buffer", "objectIndex", "a primary buffer for our link, in case my name is the greater"],
    ["padding", "zero(4)", "nothing"],
  ],
  v1: [["features", "array(featureWord)", "what I can do"]],
} as const;
ConnectFromBrokerToBroker satisfies MessageSchema;
