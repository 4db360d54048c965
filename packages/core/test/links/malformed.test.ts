/**
 * Messages that no honest peer writes, over a connection: it ends, and what came with them is closed (spec: wire 1.7).
 */
import { describe, expect, it } from "vitest";
import { DRIVER_OBJECT_DATA_BYTES } from "../../src/wire/driver-objects.ts";
import { decodeHeader, HEADER_BYTES } from "../../src/wire/header.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import { MESSAGES } from "../../src/wire/messages.ts";
import { AcceptParcelDriverObjects } from "../../src/wire/messages/parcel.ts";
import { FlushRouter } from "../../src/wire/messages/route.ts";
import type { NetNode } from "./net-node.ts";
import { TwoNodes } from "./two-nodes.ts";

const MESSAGE_ID_AT = 2;
const UNKNOWN = 9999 as SublinkId;

/** What `node` transmits from now on is what `change` makes of it. */
function tamper(node: NetNode, change: (message: Uint8Array) => Uint8Array): void {
  const transmit = node.driver.Transmit.bind(node.driver);
  node.driver.Transmit = (transport, data, numBytes, handles) => {
    const changed = change((data ?? new Uint8Array()).slice(0, numBytes));
    return transmit(transport, changed, changed.length, handles);
  };
}

/** Refusals, once `a` has sent a message that became its header and nothing else, with `id`. */
function refusalsOfHeader(id: number): readonly string[] {
  const { net, a, b } = new TwoNodes();
  tamper(a, (message) => {
    message[MESSAGE_ID_AT] = id;
    return message.subarray(0, HEADER_BYTES);
  });
  a.linkTo(b).send(FlushRouter, { sublink: UNKNOWN });
  net.run();
  expect(b.links.size).toBe(net.queue.refusals.length === 0 ? 1 : 0);
  return net.queue.refusals;
}

describe("a message of a header alone", () => {
  it.each(MESSAGES.map(({ name, id }) => ({ name, id })))("is refused as $name", ({ id }) => {
    expect(refusalsOfHeader(id)).toHaveLength(1);
  });

  it("is ignored when it is of a kind that nobody knows", () => {
    expect(refusalsOfHeader(255)).toEqual([]);
  });
});

describe("a message with a driver object", () => {
  it.each([
    ["whose bytes lie outside of it", 0, 0xff],
    ["that names a handle which is not there", 4, 7],
  ])("is refused when it has one %s, and its handles are closed", (_what, at, value) => {
    const { net, a, b } = new TwoNodes();
    const content = a.box().take();
    if (content?.type !== "driver") throw new Error("not a driver object");
    tamper(a, (message) => {
      const array = decodeHeader(message, message.length)?.driverObjectDataOffset ?? 0;
      message[array + DRIVER_OBJECT_DATA_BYTES + at] = value;
      return message;
    });
    a.linkTo(b).send(
      AcceptParcelDriverObjects,
      { sublink: UNKNOWN, sequenceNumber: 0, driverObjects: { first: 0, count: 1 } },
      [content.object],
    );
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect(net.queue.live()).toEqual([]);
  });
});
