/**
 * A node gets links to nodes it knows only by name: it asks brokers to introduce them (spec: routing 10.2, 10.4).
 *
 * There is one search for each name; whoever needs that name joins it. It ends with the first link to the node, or
 * when every broker that was asked has refused or is lost.
 */
import type { Verdict } from "../base/verdict.ts";
import { DriverTransport } from "../driver/driver-transport.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import type { NodePeer } from "../links/contract.ts";
import type { NodeLink } from "../links/node-link.ts";
import { NO_NODE, NODE_TYPE_BROKER, type NodeName } from "../wire/ids.ts";
import {
  type AcceptIntroduction,
  type RejectIntroduction,
  RequestIntroduction,
} from "../wire/messages/introduce.ts";
import type { MessageOf } from "../wire/schema.ts";
import { claimObject, claimPrimary } from "./link-parts.ts";
import type { NodeServices } from "./services.ts";

type Done = (link: NodeLink | null) => void;

interface Waiter {
  /** The broker for which this one searches: what it would say itself cannot help. Null: this node searches. */
  readonly asker: NodePeer | null;
  readonly done: Done;
}

interface Search {
  /** Brokers that were asked and have not refused. */
  readonly unanswered: Set<NodePeer>;
  readonly waiters: Waiter[];
}

type Accepted = MessageOf<typeof AcceptIntroduction>;

export class Introductions {
  private readonly services: NodeServices;
  private readonly searches = new Map<NodeName, Search>();

  constructor(services: NodeServices) {
    this.services = services;
  }

  /** Names that are searched for. */
  get count(): number {
    return this.searches.size;
  }

  /**
   * Calls `done` once, at once if the answer is known. A broker that searches on behalf of another one, `asker`, does
   * not wait for that one: the two would wait for each other.
   */
  establish(name: NodeName, asker: NodePeer | null, done: Done): void {
    const { connections } = this.services;
    const connection = connections.find(name);
    if (connection || name === NO_NODE || name === this.services.name) {
      done(connection?.link ?? null);
      return;
    }
    const waiter = { asker, done };
    const search = this.searches.get(name);
    if (search) {
      search.waiters.push(waiter);
      endHopeless(search);
    } else {
      const brokers = connections.introducers.filter((broker) => broker !== asker);
      this.begin(name, brokers, waiter);
    }
  }

  /** A broker hands over one end of a link; also without being asked. */
  accept(from: NodeLink, message: Accepted, objects: ObjectBag): Verdict {
    const mapping = claimPrimary(objects, message.memory);
    const object = claimObject(objects, message.transport);
    const verdict = mapping && object ? this.judge(message) : "reject";
    if (!mapping || !object || verdict !== "accept") {
      mapping?.close();
      object?.close();
      return verdict;
    }
    const link = this.services.addLink({
      transport: new DriverTransport(object, this.services.listeners),
      mapping,
      side: message.linkSide,
      remoteName: message.name,
      remoteType: message.remoteNodeType,
      remoteFeatures: message.remoteFeatures,
      remoteProtocolVersion: message.remoteProtocolVersion,
      introducer: from,
    });
    // The other node may be dead already: then this link is lost here, or soon.
    this.services.startLink(link);
    this.end(message.name, this.services.connections.find(message.name)?.link ?? null);
    return "accept";
  }

  /** A broker refuses. */
  refused(from: NodePeer, { name }: MessageOf<typeof RejectIntroduction>): Verdict {
    const search = this.searches.get(name);
    if (!search?.unanswered.has(from)) return "ignore";
    this.dropAnswerer(name, search, from);
    return "accept";
  }

  /** A lost broker has nothing more to say. With the last one every search ends. */
  linkLost(link: NodePeer): void {
    const searches = [...this.searches];
    for (const [name, search] of searches) this.dropAnswerer(name, search, link);
  }

  private begin(name: NodeName, brokers: readonly NodeLink[], waiter: Waiter): void {
    if (brokers.length === 0) {
      waiter.done(null);
      return;
    }
    const search: Search = { unanswered: new Set(brokers), waiters: [waiter] };
    this.searches.set(name, search);
    this.tell("requested", name);
    for (const broker of brokers) {
      // A synchronous driver may have brought an answer meanwhile.
      if (this.searches.get(name) !== search) return;
      broker.send(RequestIntroduction, { name });
    }
  }

  private tell(step: "requested" | "accepted" | "failed", name: NodeName): void {
    const { events, name: local } = this.services;
    events.observer?.introduction(step, local, name, null);
  }

  /** Of two introductions the first counts. Brokers are connected by their applications only. */
  private judge({ name, remoteNodeType }: Accepted): Verdict {
    const { services } = this;
    if (name === NO_NODE) return "reject";
    if (name === services.name || services.connections.find(name)) return "ignore";
    return services.isBroker && remoteNodeType === NODE_TYPE_BROKER ? "ignore" : "accept";
  }

  private dropAnswerer(name: NodeName, search: Search, broker: NodePeer): void {
    if (!search.unanswered.delete(broker)) return;
    if (search.unanswered.size === 0) this.end(name, null);
    else endHopeless(search);
  }

  private end(name: NodeName, link: NodeLink | null): void {
    const search = this.searches.get(name);
    if (!search) return;
    this.searches.delete(name);
    this.tell(link ? "accepted" : "failed", name);
    for (const { done } of search.waiters.splice(0)) done(link);
  }
}

/** Ends the wait of those for whom nobody is left to answer but the one they wait for. */
function endHopeless({ unanswered, waiters }: Search): void {
  if (unanswered.size !== 1) return;
  const hopeless = waiters.filter(({ asker }) => asker !== null && unanswered.has(asker));
  if (hopeless.length === 0) return;
  const others = waiters.filter((waiter) => !hopeless.includes(waiter));
  waiters.splice(0, waiters.length, ...others);
  for (const { done } of hopeless) done(null);
}
