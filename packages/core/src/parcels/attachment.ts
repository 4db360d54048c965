/**
 * What can travel in a parcel: portals (routers) and boxes.
 *
 * An attachment has one owner: an application handle, or the parcel it is attached to.
 */

/** Anything attached to a parcel. `close` ends it as if the application had closed its handle. */
export interface Attachment {
  readonly kind: "portal" | "box";
  close(): void;
}

/** The attachments of a parcel without any; shared, never written. */
export const NO_ATTACHMENTS: readonly Attachment[] = [];
