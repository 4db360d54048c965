/**
 * A parcel: bytes, attachments and a sequence number, owned by one holder.
 */
import type { SequenceNumber } from "../base/sequence.ts";
import { type Attachment, NO_ATTACHMENTS } from "./attachment.ts";
import type { ParcelData } from "./parcel-data.ts";

/** Where a parcel came from: the link that delivered it, as far as rejecting it needs to know. */
export interface ParcelSource {
  /** Tells the driver that the content was unacceptable; does nothing once the link is gone. */
  reportBadActivity(context: unknown): void;
}

export class Parcel {
  readonly data: ParcelData;
  /** Bytes; what queues count. Stays as it was when the data is released. */
  readonly size: number;
  /** Not yet taken attachments, in order; whoever takes some replaces the list. */
  attachments: readonly Attachment[];
  /** Position in its route's sequence; given by the router that puts it, never changed by proxies. */
  sequenceNumber: SequenceNumber = 0;
  /** The link it arrived by; null for parcels of this node. */
  source: ParcelSource | null = null;

  constructor(data: ParcelData, attachments: readonly Attachment[] = NO_ATTACHMENTS) {
    this.data = data;
    this.size = data.size;
    this.attachments = attachments;
  }

  /** Takes the first `count` attachments; they belong to the caller. */
  takeAttachments(count: number): readonly Attachment[] {
    if (count === 0) return NO_ATTACHMENTS;
    const taken = this.attachments.slice(0, count);
    this.attachments =
      count === this.attachments.length ? NO_ATTACHMENTS : this.attachments.slice(count);
    return taken;
  }

  /** Ends the parcel: its data is released, what is still attached is closed. */
  close(): void {
    this.data.release();
    const attachments = this.attachments;
    if (attachments.length === 0) return;
    this.attachments = NO_ATTACHMENTS;
    for (const attachment of attachments) attachment.close();
  }
}
