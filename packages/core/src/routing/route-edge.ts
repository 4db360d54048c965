/**
 * The links a router uses in one direction: a primary link and, while it is being replaced, one that decays.
 *
 * A decaying link still carries parcels below `to`, and may still bring parcels below `from`; it is dropped when both
 * limits are known and reached (spec: routing 2.3). A record without a link is deferred decay: the next link installed
 * becomes the decaying one (I4).
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength, SequenceNumber } from "../base/sequence.ts";
import type { RouterLink } from "../links/contract.ts";

export interface DecayingLink {
  /** Null while the decay is deferred. */
  link: RouterLink | null;
  /** This router sends parcels below it on the decaying link: 5 means 0..4. Null: all of them, for now. */
  to: SequenceLength | null;
  /** This router may still receive parcels below it on the decaying link. Null: not known yet. */
  from: SequenceLength | null;
}

export class RouteEdge {
  primary: RouterLink | null = null;
  decaying: DecayingLink | null = null;

  get isStable(): boolean {
    return this.decaying === null;
  }

  /** The links it holds: one, two or none. */
  get links(): readonly RouterLink[] {
    const links: RouterLink[] = [];
    if (this.primary) links.push(this.primary);
    if (this.decaying?.link) links.push(this.decaying.link);
    return links;
  }

  /** Adds a link: as the decaying one if decay was deferred, else as primary, whose place must be empty. */
  install(link: RouterLink): void {
    if (this.decaying && this.decaying.link === null) {
      this.decaying.link = link;
      return;
    }
    assert(this.primary === null, "I3: an edge never holds two primary links");
    this.primary = link;
  }

  /** Makes the primary link the decaying one, or defers that to the next link. False: something decays already. */
  beginDecay(to: SequenceLength | null, from: SequenceLength | null): boolean {
    if (this.decaying) return false;
    this.decaying = { link: this.primary, to, from };
    this.primary = null;
    return true;
  }

  /** Where parcel `number` goes now; null: it must wait. */
  linkFor(number: SequenceNumber): RouterLink | null {
    const decaying = this.decaying;
    if (decaying && (decaying.to === null || number < decaying.to)) return decaying.link;
    return this.primary;
  }

  /** Drops the decaying link if everything below its limits was sent and got; the caller deactivates it. */
  finishDecay(sent: SequenceLength, got: SequenceLength): RouterLink | null {
    const decaying = this.decaying;
    if (!decaying?.link || decaying.to === null || decaying.from === null) return null;
    if (sent < decaying.to || got < decaying.from) return null;
    this.decaying = null;
    return decaying.link;
  }

  /** What must hold whenever no change is under way. */
  checkInvariants(): void {
    const { primary, decaying } = this;
    assert(
      !decaying || decaying.link !== null || primary === null,
      "I4: while decay is deferred, the next link has yet to come",
    );
    assert(primary === null || primary !== decaying?.link, "I3: a link has one place in an edge");
  }

  takePrimary(): RouterLink | null {
    const link = this.primary;
    this.primary = null;
    return link;
  }

  /** Takes out both links; a decay in progress ends. */
  takeAll(): readonly RouterLink[] {
    const { links } = this;
    this.primary = null;
    this.decaying = null;
    return links;
  }

  /** Takes out `link` wherever it is. False: it is not in this edge. */
  remove(link: RouterLink): boolean {
    if (this.primary === link) {
      this.primary = null;
      return true;
    }
    if (this.decaying?.link !== link) return false;
    this.decaying = null;
    return true;
  }
}
