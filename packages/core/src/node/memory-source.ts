/**
 * Where a node's memory comes from: its driver, or another node that allocates for it (spec: wire 3.9; routing 10.7).
 *
 * A delegate answers requests of one size in the order they were made. When it is lost its answers never come: they
 * count as "no memory", and later requests go to the driver.
 */
import type { IpczDriver } from "@ipcz/api";
import { Deque } from "../base/deque.ts";
import { Limits } from "../base/limits.ts";
import type { Verdict } from "../base/verdict.ts";
import { DriverMemory } from "../driver/driver-memory.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import type { NodePeer } from "../links/contract.ts";
import type { MemorySource } from "../memory/link-memory.ts";
import { ProvideMemory, RequestMemory } from "../wire/messages/memory.ts";
import type { MessageOf } from "../wire/schema.ts";
import { claimObject } from "./link-parts.ts";

type Done = (memory: DriverMemory | null) => void;

export class NodeMemory implements MemorySource {
  private readonly driver: IpczDriver;
  private delegate: NodePeer | null = null;
  /** Unanswered requests by size. */
  private readonly pending = new Map<number, Deque<Done>>();

  constructor(driver: IpczDriver) {
    this.driver = driver;
  }

  /** From now on `peer` allocates for this node. */
  setDelegate(peer: NodePeer): void {
    this.failPending();
    this.delegate = peer;
  }

  linkLost(peer: NodePeer): void {
    if (this.delegate !== peer) return;
    this.delegate = null;
    this.failPending();
  }

  request(numBytes: number, done: Done): void {
    const { delegate } = this;
    if (!delegate) {
      done(DriverMemory.allocate(this.driver, numBytes));
      return;
    }
    let waiting = this.pending.get(numBytes);
    if (!waiting) this.pending.set(numBytes, (waiting = new Deque()));
    waiting.push(done);
    delegate.send(RequestMemory, { size: numBytes });
  }

  /** Another node asks this one for memory. */
  answer(from: NodePeer, { size }: MessageOf<typeof RequestMemory>): Verdict {
    const memory =
      size <= Limits.delegatedBytesMax ? DriverMemory.allocate(this.driver, size) : null;
    if (memory) from.send(ProvideMemory, { size, buffer: 0 }, [memory.release()]);
    else from.send(ProvideMemory, { size, buffer: null });
    return "accept";
  }

  /** The delegate answers. Nobody else may, and only what was asked for. */
  provide(
    from: NodePeer,
    { size, buffer }: MessageOf<typeof ProvideMemory>,
    objects: ObjectBag,
  ): Verdict {
    const waiting = from === this.delegate ? this.pending.get(size) : undefined;
    const done = waiting?.shift();
    if (!waiting || !done) return "reject";
    if (waiting.length === 0) this.pending.delete(size);
    const object = claimObject(objects, buffer);
    done(object && DriverMemory.adopt(object));
    return "accept";
  }

  private failPending(): void {
    const lost = [...this.pending.values()];
    this.pending.clear();
    for (const waiting of lost)
      for (let done = waiting.shift(); done; done = waiting.shift()) done(null);
  }
}
