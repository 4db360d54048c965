/**
 * A proxy that lies about the router behind it: the node that believed it must not lose its link for that.
 */
import { afterEach, expect, it } from "vitest";
import type { NodeName, SublinkId } from "../../src/wire/ids.ts";
import { AcceptBypassLink, RouteClosed } from "../../src/wire/messages/route.ts";
import { Network } from "./network.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;
const W = "000000000000000300000000000000ff" as NodeName;

let net: Network;
afterEach(() => net.end());

it("a bypass that the proxy never allowed costs the node that offers it nothing, and changes nothing", () => {
  net = new Network();
  const b = net.add("B");
  // The test plays B's broker X, whose link has the route, and W, to whom X told a lie.
  const broker = net.rawBroker(b, X, Y);
  const deceived = net.introduceRaw(broker, W);
  deceived.send(AcceptBypassLink, {
    currentPeerNode: X,
    currentPeerSublink: 0 as SublinkId,
    inboundSequenceLengthFromBypassedLink: 0,
    newSublink: 12 as SublinkId,
    newLinkStateFragment: { bufferId: 0 as never, offset: 1088, size: 64 },
  });
  expect([broker.sawError, deceived.sawError]).toEqual([false, false]);
  expect(b.node.find(W)).not.toBeNull();
  // The route is still X's: it can close it.
  deceived.send(RouteClosed, { sublink: 12 as SublinkId, sequenceLength: 0 });
  broker.send(RouteClosed, { sublink: 0 as SublinkId, sequenceLength: 0 });
  expect([broker.sawError, deceived.sawError]).toEqual([false, false]);
});
