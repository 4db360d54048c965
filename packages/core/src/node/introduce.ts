/**
 * A broker makes two nodes known to each other: it makes the link and gives each of them an end (spec: wire 3.6;
 * routing 10.3).
 *
 * Both ends keep the first introduction they see, so the two messages of one must not be torn apart by another of the
 * same two nodes. When it cannot be made, the node that asked is told: it would wait for ever otherwise.
 */
import type { Verdict } from "../base/verdict.ts";
import { closeObjects, type DriverObject } from "../driver/driver-object.ts";
import type { NodePeer } from "../links/contract.ts";
import type { NodeLink } from "../links/node-link.ts";
import { featuresToWords } from "../wire/features.ts";
import { type LinkSide, NODE_TYPE_BROKER, type NodeName, SIDE_A, SIDE_B } from "../wire/ids.ts";
import {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIndirectIntroduction,
} from "../wire/messages/introduce.ts";
import type { MessageOf } from "../wire/schema.ts";
import type { Connection } from "./connections.ts";
import type { Introductions } from "./introductions.ts";
import { createSharedPrimary, createTransportPair } from "./link-parts.ts";
import type { NodeServices } from "./services.ts";

export class Introducer {
  private readonly services: NodeServices;
  private readonly introductions: Introductions;
  /** Pairs of names whose introduction is being sent. */
  private readonly sending = new Set<string>();
  /** By the broker that was asked to introduce them: nodes of this network, and the names they want a link to. */
  private readonly passedOn = new Map<NodePeer, Map<NodePeer, Set<NodeName>>>();

  constructor(services: NodeServices, introductions: Introductions) {
    this.services = services;
    this.introductions = introductions;
  }

  /** `requester` asks for a link to `target`. If it is lost by now, it wants none any more. */
  request(requester: NodePeer, target: NodeName): Verdict {
    const { connections } = this.services;
    const from = connections.of(requester);
    if (!from) return "ignore";
    const to = connections.find(target);
    if (!to) {
      const asker = isBroker(from) ? requester : null;
      this.introductions.establish(target, asker, (found) => {
        if (found) this.request(requester, target);
        else requester.send(RejectIntroduction, { name: target });
      });
      return "accept";
    }
    if (isBroker(from) && isBroker(to)) return "ignore";
    const broker = isBroker(from) || isBroker(to) ? null : this.otherBrokerOf(to);
    if (broker) this.passOn(broker, requester, target);
    else this.introduce(from, to, from);
    return "accept";
  }

  /** A broker asks for a link between `target`, of this network, and `source`, of its own; only side A is asked. */
  requestIndirect(source: NodeName, target: NodeName): Verdict {
    const { connections } = this.services;
    const from = connections.find(source);
    const to = connections.find(target);
    if (!from) {
      this.introductions.establish(source, null, (found) => {
        if (found) this.requestIndirect(source, target);
        else connections.find(target)?.link.send(RejectIntroduction, { name: source });
      });
      return "accept";
    }
    if (to) this.introduce(to, from, from);
    else from.link.send(RejectIntroduction, { name: target });
    return "accept";
  }

  /**
   * A broker that was asked to introduce nodes cannot answer them any more. It may have introduced some already, who
   * then ignore the refusal.
   */
  linkLost(link: NodePeer): void {
    const lost = this.passedOn.get(link);
    this.passedOn.delete(link);
    for (const requests of this.passedOn.values())
      for (const [requester, names] of requests)
        if (requester === link) requests.delete(requester);
        else names.delete(link.remoteName);
    for (const [requester, names] of lost ?? [])
      for (const name of names) requester.send(RejectIntroduction, { name });
  }

  private passOn(broker: NodePeer, requester: NodePeer, target: NodeName): void {
    const requests = this.passedOn.get(broker) ?? new Map<NodePeer, Set<NodeName>>();
    const names = requests.get(requester) ?? new Set<NodeName>();
    this.passedOn.set(broker, requests.set(requester, names.add(target)));
    const values = { sourceNode: requester.remoteName, targetNode: target };
    broker.send(RequestIndirectIntroduction, values);
  }

  /** The broker that has to introduce `to`: its own, if that is side A of its link with this one. Null: this one. */
  private otherBrokerOf({ introducer }: Connection): NodeLink | null {
    // The two brokers may have connected anew since.
    const link = introducer && this.services.connections.find(introducer.remoteName)?.link;
    return !link || link.isDead || link.side === SIDE_A ? null : link;
  }

  /** The requester is one of the two. */
  private introduce(first: Connection, second: Connection, requester: Connection): void {
    const pair = [first.link.remoteName, second.link.remoteName].toSorted().join();
    // A request that came while the messages are being sent is answered by them.
    if (this.sending.has(pair)) return;
    this.sending.add(pair);
    if (!this.send(first, second)) {
      const other = requester === first ? second : first;
      requester.link.send(RejectIntroduction, { name: other.link.remoteName });
    }
    this.sending.delete(pair);
  }

  /** False: the driver has no transports or no memory. */
  private send(first: Connection, second: Connection): boolean {
    const { driver } = this.services;
    const memories = createSharedPrimary(driver);
    if (!memories) return false;
    const objects = memories.map((memory) => memory.release());
    const transports = createTransportPair(
      driver,
      first.link.transportHandle,
      second.link.transportHandle,
    );
    const [memoryOfFirst, memoryOfSecond] = objects;
    if (!transports || !memoryOfFirst || !memoryOfSecond) {
      closeObjects(objects);
      return false;
    }
    const { events, name } = this.services;
    events.observer?.introduction("made", name, second.link.remoteName, first.link.remoteName);
    sendIntroduction(first.link, SIDE_A, second, [transports[0], memoryOfFirst]);
    sendIntroduction(second.link, SIDE_B, first, [transports[1], memoryOfSecond]);
    return true;
  }
}

function sendIntroduction(
  link: NodeLink,
  linkSide: LinkSide,
  other: Connection,
  objects: readonly DriverObject[],
): void {
  const values: MessageOf<typeof AcceptIntroduction> = {
    name: other.link.remoteName,
    linkSide,
    remoteNodeType: other.link.remoteType,
    remoteProtocolVersion: other.protocolVersion,
    transport: 0,
    memory: 1,
    remoteFeatures: featuresToWords(other.features),
  };
  link.send(AcceptIntroduction, values, objects);
}

function isBroker({ link }: Connection): boolean {
  return link.remoteType === NODE_TYPE_BROKER;
}
