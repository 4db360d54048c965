import { describe, expect, it } from "vitest";
import { describe as describeMessage } from "../../src/wire/describe.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { setSequenceNumber } from "../../src/wire/header.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import { RouteClosed } from "../../src/wire/messages/route.ts";
import { CAPTURES, messageOf } from "./captures.ts";

function captured(scenario: string, seq: number): string {
  const frames = CAPTURES.find((capture) => capture.scenario === scenario)!.frames;
  return describeMessage(messageOf(frames.find((frame) => frame.seq === seq)!));
}

describe("a message as a line", () => {
  it("has its name, its number and its fields", () => {
    const bytes = encodeMessage(RouteClosed, {
      sublink: (2 ** 52 + 12) as SublinkId,
      sequenceLength: 1,
    });
    setSequenceNumber(bytes, 7);
    expect(describeMessage(bytes)).toBe("RouteClosed #7 sublink=2^63+12 sequenceLength=1");
  });

  it("shows driver objects and features", () => {
    expect(captured("handshake_1portal_parcels", 0)).toMatchInlineSnapshot(
      `"ConnectFromBrokerToNonBroker #0 brokerName=17161514131211101f1e1d1c1b1a1918 receiverName=27262524232221202f2e2d2c2b2a2928 protocolVersion=0 numInitialPortals=1 buffer=0 features=[0x0] objects=[8 bytes + 1 handle]"`,
    );
  });

  it("shows fragments, attachments and descriptors", () => {
    expect(captured("box_driver_object", 3)).toMatchInlineSnapshot(
      `"AcceptParcel #0 sublink=0 sequenceNumber=0 subparcelIndex=0 numSubparcels=1 parcelFragment=none parcelData=<0 bytes> handleTypes=[object, portal, object] newRouters=[{newSublink=12 newLinkStateFragment=0:1088+64 newDecayingSublink=13 proxyAlreadyBypassed=true}] driverObjects=0..1 objects=[8 bytes + 1 handle, 8 bytes + 1 handle]"`,
    );
  });

  it("shows what a relay carries", () => {
    expect(captured("box_relayed_split_parcel", 11)).toMatchInlineSnapshot(
      `"RelayMessage #1 destination=37363534333231303f3e3d3c3b3a3938 data=<56 bytes> driverObjects=0 (AcceptParcelDriverObjects sublink=12 sequenceNumber=0 driverObjects=0) objects=[8 bytes + 1 handle]"`,
    );
  });

  it("says what is wrong with a message", () => {
    const bytes = encodeMessage(RouteClosed, { sublink: 0 as SublinkId, sequenceLength: 1 });
    expect(describeMessage(new Uint8Array(0))).toBe("invalid header, 0 bytes");
    expect(describeMessage(bytes.slice(0, 40))).toBe("RouteClosed #0 invalid parameters, 40 bytes");
    bytes[16] = 47;
    expect(describeMessage(bytes)).toBe("RouteClosed #0 invalid driver objects, 48 bytes");
    bytes[16] = 0;
    bytes[2] = 99;
    expect(describeMessage(bytes)).toBe("unknown message 99 #0 48 bytes");
  });
});
