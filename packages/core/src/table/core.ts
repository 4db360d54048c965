/**
 * What the 16 functions of one table share: the turn, the routers' world, and the handles.
 */
import { type IpczHandle, type IpczResult, IPCZ_RESULT_INVALID_ARGUMENT } from "@ipcz/api";
import { assert } from "../base/assert.ts";
import { Turn } from "../base/turn.ts";
import type { ListenerHandles } from "../driver/driver-transport.ts";
import { Node } from "../node/node.ts";
import type { Attachment } from "../parcels/attachment.ts";
import { Box } from "../parcels/box.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { Router } from "../routing/router.ts";
import { RouterWorld } from "../routing/router-state.ts";
import { Handles } from "./handles.ts";
import { ParcelObject } from "./parcel-object.ts";

/** What a driver's listener handle names; the application can do nothing with it. */
class Listener {
  readonly kind = "listener";
}

export type Named = Node | Router | Box | ParcelObject | Listener;

export class Core implements ListenerHandles {
  readonly turn: Turn = new Turn();
  readonly world: RouterWorld = new RouterWorld(this.turn);
  readonly handles: Handles<Named>;
  /** Handles lent by peeks into subparcel boxes; each ends with its box's handle. */
  private readonly peeked = new Map<Box, IpczHandle>();

  /** `seed` is a random number from 0 to 1, for the handles. */
  constructor(seed: number) {
    this.handles = new Handles(seed);
  }

  node(handle: IpczHandle): Node | null {
    const object = this.handles.get(handle);
    return object instanceof Node ? object : null;
  }

  portal(handle: IpczHandle): Router | null {
    const object = this.handles.get(handle);
    return object instanceof Router ? object : null;
  }

  box(handle: IpczHandle): Box | null {
    const object = this.handles.get(handle);
    return object instanceof Box ? object : null;
  }

  parcelObject(handle: IpczHandle): ParcelObject | null {
    const object = this.handles.get(handle);
    return object instanceof ParcelObject ? object : null;
  }

  /** A portal or a box, as something to attach. */
  attachment(handle: IpczHandle): Router | Box | null {
    const object = this.handles.get(handle);
    return object instanceof Router || object instanceof Box ? object : null;
  }

  addAttachment(attachment: Attachment): IpczHandle {
    assert(
      attachment instanceof Router || attachment instanceof Box,
      "attachments are portals or boxes",
    );
    return this.handles.add(attachment);
  }

  /** A handle to `object`, which holds it until it is closed. */
  addParcelObject(object: ParcelObject): IpczHandle {
    object.retain();
    return this.handles.add(object);
  }

  addParcel(parcel: Parcel): IpczHandle {
    return this.addParcelObject(new ParcelObject(parcel, false));
  }

  /** The handle under which a box lends its subparcel; the same as long as the box has its handle. */
  lendSubparcel(box: Box, parcel: Parcel): IpczHandle {
    const lent = this.peeked.get(box);
    if (lent !== undefined) return lent;
    const handle = this.addParcelObject(new ParcelObject(parcel, true));
    this.peeked.set(box, handle);
    return handle;
  }

  private isLent(handle: IpczHandle): boolean {
    for (const lent of this.peeked.values()) if (lent === handle) return true;
    return false;
  }

  /** Ends the handle of an attachment that goes elsewhere; what a box has lent ends with it. */
  removeAttachment(handle: IpczHandle, attachment: Router | Box): void {
    this.handles.remove(handle);
    if (!(attachment instanceof Box)) return;
    const lent = this.peeked.get(attachment);
    if (lent === undefined) return;
    this.peeked.delete(attachment);
    this.handles.remove(lent);
  }

  lend(): IpczHandle {
    return this.handles.add(new Listener());
  }

  takeBack(handle: IpczHandle): void {
    this.handles.remove(handle);
  }

  /** Runs an API function: what it defers (trap handlers above all) runs before it returns. */
  call(body: () => IpczResult): IpczResult {
    this.turn.enterCall();
    try {
      return body();
    } finally {
      this.turn.leaveCall();
    }
  }

  close(handle: IpczHandle): IpczResult {
    const object = this.handles.get(handle);
    if (!object || object instanceof Listener) return IPCZ_RESULT_INVALID_ARGUMENT;
    if (object instanceof ParcelObject) {
      if (object.borrowed && this.isLent(handle)) return IPCZ_RESULT_INVALID_ARGUMENT;
      this.handles.remove(handle);
      object.release();
      return 0;
    }
    if (object instanceof Node) this.handles.remove(handle);
    else this.removeAttachment(handle, object);
    object.close();
    return 0;
  }
}
