/**
 * Messages whose driver objects cannot travel between two nodes go through a broker (spec: wire 1.10).
 *
 * What is wrong inside a relayed message is the fault of the node it is from, not of the broker that passed it on: it
 * ends the link to that node (spec: routing 10.5).
 */
import type { Verdict } from "../base/verdict.ts";
import { closeObjects, type DriverObject } from "../driver/driver-object.ts";
import { ObjectBag } from "../driver/object-bag.ts";
import type { NodePeer } from "../links/contract.ts";
import type { NodeName } from "../wire/ids.ts";
import { AcceptRelayedMessage, RelayMessage } from "../wire/messages/relay.ts";
import type { MessageOf } from "../wire/schema.ts";
import type { Connection, Connections } from "./connections.ts";

export class Relay {
  private readonly connections: Connections;

  constructor(connections: Connections) {
    this.connections = connections;
  }

  /** Hands a message to this node's broker. Takes `objects`; without a broker both are dropped. */
  send(destination: NodeName, message: Uint8Array, objects: readonly DriverObject[]): void {
    const broker = this.connections.brokerLink;
    // A broker that this node cannot send the objects to cannot relay them either.
    if (!broker || broker.remoteName === destination) {
      closeObjects(objects);
      return;
    }
    const driverObjects = { first: 0, count: objects.length };
    broker.send(RelayMessage, { destination, data: message, driverObjects }, objects);
  }

  /** This node, a broker, passes a message on; one for a node it does not know is dropped. */
  pass(from: NodePeer, message: MessageOf<typeof RelayMessage>, objects: ObjectBag): Verdict {
    const { data, driverObjects, destination } = message;
    const taken = objects.takeClaimed(driverObjects);
    const target = this.connections.find(destination)?.link;
    if (!target) {
      closeObjects(taken);
      return "ignore";
    }
    const range = { first: 0, count: taken.length };
    target.send(
      AcceptRelayedMessage,
      { source: from.remoteName, data, driverObjects: range },
      taken,
    );
    return "accept";
  }

  /** A message that a broker passed on to this node. */
  accept(
    from: NodePeer,
    message: MessageOf<typeof AcceptRelayedMessage>,
    objects: ObjectBag,
  ): Verdict {
    const { data, driverObjects, source } = message;
    const taken = objects.takeClaimed(driverObjects);
    const connection = this.connections.find(source);
    const link = connection?.link;
    if (!link || link.isDead || !this.mayRelayFor(connection, from)) {
      closeObjects(taken);
      return "ignore";
    }
    const bag = new ObjectBag(taken);
    if (link.acceptRelayed(data, bag) === "reject") link.fail();
    bag.closeRest();
    return "accept";
  }

  /**
   * A node relays through the broker of its own network only. A broker knows which one that is, and that nobody relays
   * for the members of its own: another broker must not get at the links with them.
   */
  private mayRelayFor(source: Connection, from: NodePeer): boolean {
    return this.connections.brokerLink !== null || source.introducer === from;
  }
}
