/**
 * Who may send which message for the node: a wrong sender loses its link (spec: wire 2.1).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_NODE, type NodeName } from "../../src/wire/ids.ts";
import {
  NonBrokerReferralAccepted,
  NonBrokerReferralRejected,
  ReferNonBroker,
} from "../../src/wire/messages/connect.ts";
import {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIndirectIntroduction,
  RequestIntroduction,
} from "../../src/wire/messages/introduce.ts";
import { RequestMemory } from "../../src/wire/messages/memory.ts";
import { AcceptRelayedMessage, RelayMessage } from "../../src/wire/messages/relay.ts";
import { PRIMARY_BUFFER_BYTES } from "../../src/memory/primary-buffer.ts";
import { Network, type RawPeer } from "./network.ts";

const W = "000000000000000100000000000000ff" as NodeName;
const X = "000000000000000200000000000000ff" as NodeName;
const Y = "000000000000000300000000000000ff" as NodeName;

let net: Network;
beforeEach(() => {
  net = new Network();
});
afterEach(() => net.end());

/** Receiver and sender of a link. */
const links: Record<string, () => RawPeer> = {
  "broker, from member": () => net.rawMember(net.broker("A"))[0],
  "broker, from broker": () =>
    net.rawOtherBroker(net.broker("A"), NO_NODE.replace(/0$/, "1") as NodeName),
  "member, from its broker": () => net.rawBroker(net.add("B"), X, Y),
  "member, from member": () => net.introduceRaw(net.rawBroker(net.add("B"), X, Y), W),
};

const features = [0n];
const messages: Record<string, (raw: RawPeer) => void> = {
  ReferNonBroker: (raw) => {
    const [mine, theirs] = raw.driver.createTransports("normal", "normal");
    net.take(raw.driver, theirs);
    raw.send(ReferNonBroker, { referralId: 0, numInitialPortals: 1, transport: 0 }, [
      net.object(raw.driver, mine),
    ]);
  },
  NonBrokerReferralAccepted: (raw) =>
    raw.send(NonBrokerReferralAccepted, {
      referralId: 0,
      protocolVersion: 0,
      numInitialPortals: 1,
      name: W,
      transport: null,
      buffer: null,
      features,
    }),
  NonBrokerReferralRejected: (raw) => raw.send(NonBrokerReferralRejected, { referralId: 0 }),
  RequestIntroduction: (raw) => raw.send(RequestIntroduction, { name: Y }),
  AcceptIntroduction: (raw) =>
    raw.send(
      AcceptIntroduction,
      {
        name: "000000000000000900000000000000ff" as NodeName,
        linkSide: 0,
        remoteNodeType: 1,
        remoteProtocolVersion: 0,
        transport: 0,
        memory: 1,
        remoteFeatures: features,
      },
      [raw.deadTransport(), raw.memory(PRIMARY_BUFFER_BYTES)],
    ),
  RejectIntroduction: (raw) => raw.send(RejectIntroduction, { name: Y }),
  RequestIndirectIntroduction: (raw) =>
    raw.send(RequestIndirectIntroduction, { sourceNode: X, targetNode: Y }),
  RequestMemory: (raw) => raw.send(RequestMemory, { size: 64 }),
  RelayMessage: (raw) =>
    raw.send(RelayMessage, {
      destination: W,
      data: new Uint8Array(),
      driverObjects: { first: 0, count: 0 },
    }),
  AcceptRelayedMessage: (raw) =>
    raw.send(AcceptRelayedMessage, {
      source: "000000000000000900000000000000ff" as NodeName,
      data: new Uint8Array(),
      driverObjects: { first: 0, count: 0 },
    }),
};

/** Columns: the links above. The two answers to referrals are rejected everywhere: none was asked for. */
const allowed: Record<string, readonly [boolean, boolean, boolean, boolean]> = {
  ReferNonBroker: [true, false, false, false],
  NonBrokerReferralAccepted: [false, false, false, false],
  NonBrokerReferralRejected: [false, false, false, false],
  RequestIntroduction: [true, true, false, false],
  AcceptIntroduction: [false, true, true, false],
  RejectIntroduction: [false, true, true, false],
  RequestIndirectIntroduction: [false, true, false, false],
  RequestMemory: [true, true, true, true],
  RelayMessage: [true, true, false, false],
  AcceptRelayedMessage: [false, true, true, false],
};

describe.each(Object.keys(messages))("%s", (name) => {
  it.each(Object.keys(links).map((link, column) => [link, column] as const))(
    "is accepted or rejected by who sends it to whom (%s)",
    (link, column) => {
      const raw = links[link]!();
      messages[name]!(raw);
      expect(raw.sawError).toBe(!allowed[name]![column]);
    },
  );
});

it.each([0, 1, 3, 4, 7])("handshake message %i is rejected on a link", (id) => {
  const [raw] = net.rawMember(net.broker("A"));
  const bytes = new Uint8Array(160);
  bytes.set([24, 0, id]);
  bytes[24] = 96;
  raw.sendBytes(bytes);
  expect(raw.sawError).toBe(true);
});
