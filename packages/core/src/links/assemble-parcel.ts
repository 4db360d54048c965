/**
 * Parts of parcels that wait for what is missing: a buffer that is not announced yet, the half with the driver objects
 * that was relayed, or the other subparcels (spec: routing 10.5, 10.6).
 *
 * Relayed messages are not ordered with direct ones, so either half may come first. Halves are matched by sublink and
 * sequence number, first to first.
 */
import { assert, verify } from "../base/assert.ts";
import { Limits } from "../base/limits.ts";
import type { SequenceNumber } from "../base/sequence.ts";
import type { Verdict } from "../base/verdict.ts";
import { closeObjects, type DriverObject } from "../driver/driver-object.ts";
import type { Fragment } from "../memory/fragment.ts";
import { Box } from "../parcels/box.ts";
import type { Parcel } from "../parcels/parcel.ts";
import type { SublinkId } from "../wire/ids.ts";
import type { NodePeer, RemoteRouterLink } from "./contract.ts";
import { dataInFragment, type ParcelPart } from "./receive-parcel.ts";
import type { Sublinks } from "./sublinks.ts";

interface Halves {
  readonly parts: ParcelPart[];
  readonly objects: (readonly DriverObject[])[];
}

interface Tracker {
  readonly sublink: SublinkId;
  readonly parts: (ParcelPart | null)[];
  missing: number;
}

export class ParcelAssembly {
  private readonly node: NodePeer;
  private readonly sublinks: Sublinks<ParcelPart>;
  private readonly halves = new Map<string, Halves>();
  private readonly trackers = new Map<string, Tracker>();
  private waiting = 0;
  private dropped = false;

  constructor(node: NodePeer, sublinks: Sublinks<ParcelPart>) {
    this.node = node;
    this.sublinks = sublinks;
  }

  /** Takes `part`, and delivers its parcel as soon as it is whole. */
  acceptPart(part: ParcelPart): Verdict {
    return part.pending ? this.awaitBuffer(part, part.pending) : this.joinHalves(part);
  }

  /** Takes the relayed half of a parcel. */
  acceptObjects(
    sublink: SublinkId,
    sequenceNumber: SequenceNumber,
    objects: readonly DriverObject[],
  ): Verdict {
    const key = keyOf(sublink, sequenceNumber);
    const part = this.halves.get(key)?.parts.shift();
    if (part) {
      this.forgetHalf(key);
      return this.fillRelayed(part, objects);
    }
    if (!this.admit()) {
      closeObjects(objects);
      return "reject";
    }
    this.halvesAt(key).objects.push(objects);
    return "accept";
  }

  /** Delivers what came before `sublink` was bound. */
  deliverEarly(sublink: SublinkId): void {
    for (let part = this.sublinks.takeEarly(sublink); part; part = this.sublinks.takeEarly(sublink))
      if (this.joinSubparcels(part) === "reject") this.node.fail();
  }

  /** The rest of what is being collected for `sublink` will not be wanted. */
  forget(sublink: SublinkId): void {
    if (this.trackers.size === 0) return;
    for (const [key, tracker] of this.trackers) {
      if (tracker.sublink !== sublink) continue;
      this.trackers.delete(key);
      this.waiting--;
      this.node.turn.defer(() => {
        for (const part of tracker.parts) part?.close();
      });
    }
  }

  /** Closes everything that waits; the connection is gone, and all its sublinks are forgotten. */
  drop(): void {
    assert(this.trackers.size === 0, "what is being collected ends with its sublink");
    this.dropped = true;
    const halves = [...this.halves.values()];
    this.halves.clear();
    this.waiting = 0;
    for (const { parts, objects } of halves) {
      for (const part of parts) part.close();
      for (const list of objects) closeObjects(list);
    }
  }

  private awaitBuffer(part: ParcelPart, pending: Fragment): Verdict {
    const memory = this.node.memory;
    const registered = memory.whenBuffer(pending.descriptor.bufferId, (arrived) => {
      const fragment = arrived ? memory.resolve(pending.descriptor) : null;
      part.data = fragment?.region ? dataInFragment(this.node, fragment) : null;
      if (part.data && this.joinHalves(part) !== "reject") return;
      if (!part.data) part.close();
      if (arrived) this.node.fail();
    });
    if (registered) return "accept";
    part.close();
    return "reject";
  }

  private joinHalves(part: ParcelPart): Verdict {
    if (part.holes("relayed") === 0) return this.findSublink(part);
    const key = keyOf(part.sublink, part.sequenceNumber);
    const objects = this.halves.get(key)?.objects.shift();
    if (objects) {
      this.forgetHalf(key);
      return this.fillRelayed(part, objects);
    }
    if (!this.admit()) {
      part.close();
      return "reject";
    }
    this.halvesAt(key).parts.push(part);
    return "accept";
  }

  private fillRelayed(part: ParcelPart, objects: readonly DriverObject[]): Verdict {
    if (objects.length !== part.holes("relayed")) {
      closeObjects(objects);
      part.close();
      return "reject";
    }
    part.fill(
      "relayed",
      objects.map((object) => new Box({ type: "driver", object })),
    );
    return this.findSublink(part);
  }

  private findSublink(part: ParcelPart): Verdict {
    if (this.sublinks.at(part.sublink)) return this.joinSubparcels(part);
    if (this.dropped || this.sublinks.wasRemoved(part.sublink)) {
      part.close();
      return "ignore";
    }
    if (this.sublinks.keepEarly(part.sublink, part)) return "accept";
    part.close();
    return "reject";
  }

  private joinSubparcels(part: ParcelPart): Verdict {
    if (part.numSubparcels === 1) return this.deliver(part.sublink, part.toParcel());
    const key = keyOf(part.sublink, part.sequenceNumber);
    let tracker = this.trackers.get(key);
    if (!tracker) {
      if (!this.admit()) {
        part.close();
        return "reject";
      }
      const parts = Array.from({ length: part.numSubparcels }, (): ParcelPart | null => null);
      tracker = { sublink: part.sublink, parts, missing: part.numSubparcels };
      this.trackers.set(key, tracker);
    }
    const fits =
      tracker.parts.length === part.numSubparcels && tracker.parts[part.subparcelIndex] === null;
    if (!fits) {
      part.close();
      return "reject";
    }
    tracker.parts[part.subparcelIndex] = part;
    if (--tracker.missing > 0) return "accept";
    this.trackers.delete(key);
    this.waiting--;
    return this.deliver(part.sublink, assemble(tracker.parts));
  }

  private deliver(sublink: SublinkId, parcel: Parcel): Verdict {
    const link: RemoteRouterLink | null = this.sublinks.at(sublink);
    if (!link) {
      parcel.close();
      return "ignore";
    }
    parcel.source = this.node;
    link.router.acceptParcel(link.type, parcel);
    return "accept";
  }

  private halvesAt(key: string): Halves {
    let halves = this.halves.get(key);
    if (!halves) this.halves.set(key, (halves = { parts: [], objects: [] }));
    return halves;
  }

  private forgetHalf(key: string): void {
    this.waiting--;
    const halves = this.halves.get(key);
    if (halves?.parts.length === 0 && halves.objects.length === 0) this.halves.delete(key);
  }

  private admit(): boolean {
    if (this.dropped || this.waiting >= Limits.partialParcelsMax) return false;
    this.waiting++;
    return true;
  }
}

function keyOf(sublink: SublinkId, sequenceNumber: SequenceNumber): string {
  return `${sublink}/${sequenceNumber}`;
}

/** Subparcels 1, 2, … take the main part's places in order; receive-parcel.ts saw to it that the numbers agree. */
function assemble(parts: readonly (ParcelPart | null)[]): Parcel {
  const [main, ...others] = parts.map((part) =>
    verify(part, "a complete parcel has all its parts"),
  );
  const boxes = others.map((part) => new Box({ type: "subparcel", parcel: part.toParcel() }));
  main?.fill("subparcel", boxes);
  return verify(main, "a complete parcel has a main part").toParcel();
}
