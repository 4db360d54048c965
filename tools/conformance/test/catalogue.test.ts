/**
 * The lists of tests against the list of names they are written for (spec: api 5).
 */
import { describe, expect, it } from "vitest";
import { scenarios } from "../src/scenario/catalogue.ts";
import { tableCases } from "../src/table/run-table.ts";

const SUITES: Readonly<Record<string, string>> = {
  BoxTest:
    "BoxAndUnbox CloseBox Peek TransferBox TransferBoxAndPortal TransferBoxBetweenNonBrokers " +
    "SerializedApplicationObject UnserializedApplicationObject",
  ConnectTest:
    "BrokerToNonBroker SurplusPortals DisconnectWithoutBrokerHandshake " +
    "DisconnectWithoutNonBrokerHandshake DisconnectOnBadBrokerMessage " +
    "DisconnectOnBadNonBrokerMessage NonBrokerToNonBroker BadNonBrokerReferral " +
    "FailedNonBrokerReferral BrokerToBroker MultiBrokerIntroductions",
  ReconnectTest: "BrokerNonBroker BrokerBroker TransitiveReconnection",
  MergePortalsTest:
    "MergeWithInitialPortal MergeWithClosedLocalPeer MergeWithClosedRemotePeer " +
    "MergeComplexRoutes RaceWithDisconnect",
  ParcelTest:
    "Get TwoPhaseGet Close PartialTwoPhaseGetOnPortal PartialTwoPhaseGetOnParcel " +
    "OverlappedTwoPhaseGets",
  RemotePortalTest:
    "BasicConnection PortalTransfer MultipleHops TransferBackAndForth HugeNumberOfPortals " +
    "RoutingStressTest ClosurePropagation DisconnectThroughProxy",
};

const TABLE_SUITES: Readonly<Record<string, string>> = {
  APITest:
    "CloseInvalid CreateNodeInvalid CreateNodeMissingDriverField CreateNode ConnectNodeInvalid " +
    "OpenPortalsInvalid OpenPortals QueryPortalStatusInvalid QueryPortalStatus " +
    "MergePortalsFailure MergePortals PutGet BeginEndPutFailure BeginEndGetFailure " +
    "TwoPhasePutGet OverlappedTwoPhasePuts TrapInvalid RejectInvalid RejectLocal RejectRemote " +
    "BoxInvalid UnboxInvalid BoxAndUnbox BoxDestructor IpczGetAPIInvalid IpczGetAPI",
  TrapTest:
    "RemoveOnClose PeerClosed MinLocalParcels MinLocalBytes NewLocalParcel DeadPortal " +
    "MultipleTraps SyncTransportWithinAPICall",
};

function namesOf(suites: Readonly<Record<string, string>>): string[] {
  return Object.entries(suites).flatMap(([suite, tests]) =>
    tests.split(" ").map((test) => `${suite}.${test}`),
  );
}

describe("the catalogue", () => {
  it("has every multinode test by its name", () => {
    expect(namesOf(SUITES)).toHaveLength(41);
    expect(scenarios.map(({ name }) => name)).toEqual(expect.arrayContaining(namesOf(SUITES)));
  });

  it("has every single-process test by its name", () => {
    expect(namesOf(TABLE_SUITES)).toHaveLength(34);
    expect(tableCases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(namesOf(TABLE_SUITES)),
    );
  });

  it("names no test twice", () => {
    for (const all of [scenarios, tableCases]) {
      const names = all.map(({ name }) => name);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });
});
