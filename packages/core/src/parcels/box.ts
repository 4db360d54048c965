/**
 * A box: an attachment around a driver object, an application object or a subparcel.
 */
import type { IpczApplicationObjectDestructor, IpczApplicationObjectSerializer } from "@ipcz/api";
import type { DriverObject } from "../driver/driver-object.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { Attachment } from "./attachment.ts";
import type { Parcel } from "./parcel.ts";

/** An object of the application; what the box needs to end it, or to make a parcel of it (spec: api 2.8.1). */
export interface ApplicationObject {
  readonly object: unknown;
  readonly serializer: IpczApplicationObjectSerializer | null;
  readonly destructor: IpczApplicationObjectDestructor | null;
  /**
   * Makes bytes and attachments of the object, then destroys it. The bytes go where `memory`, that of the link they
   * will leave by, has room for them. Null when it cannot be serialized.
   */
  serialize(memory: LinkMemory): Parcel | null;
  destroy(): void;
}

export type BoxContent =
  | { readonly type: "driver"; readonly object: DriverObject }
  | { readonly type: "application"; readonly object: ApplicationObject }
  | { readonly type: "subparcel"; readonly parcel: Parcel };

export class Box implements Attachment {
  readonly kind = "box";
  private inside: BoxContent | null;

  constructor(content: BoxContent) {
    this.inside = content;
  }

  /** What is in the box; null once it was taken or closed. */
  get content(): BoxContent | null {
    return this.inside;
  }

  /** Takes the contents out; they belong to the caller. */
  take(): BoxContent | null {
    const content = this.inside;
    this.inside = null;
    return content;
  }

  close(): void {
    const content = this.take();
    if (content === null) return;
    switch (content.type) {
      case "driver":
        content.object.close();
        return;
      case "application":
        content.object.destroy();
        return;
      case "subparcel":
        content.parcel.close();
        return;
    }
  }
}
