/**
 * Portal, parcel and box: the three objects that hand each other out. What they do is in the files beside this one.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_OK,
  IPCZ_UNBOX_PEEK,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { expectOk, IpczError } from "../errors/ipcz-error.ts";
import { handled } from "./abort.ts";
import { type Attachable, boxCopy, handOver, offer } from "./carried.ts";
import type { Context } from "./context.ts";
import { closeWhenCollected, forget } from "./garbage.ts";
import { beginGet, PendingGet } from "./pending-get.ts";
import { PortalBase } from "./portal-base.ts";
import { noHandles, type RawParcel, readParcel } from "./raw-parcel.ts";
import { boxTypeOf, type BoxType, unbox } from "./unbox.ts";

/** How parcels are received. */
export interface ReceiveOptions {
  /** Stops waiting; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether {@link Parcel.reject} will be possible; the parcel must then be closed. False by default. */
  readonly rejectable?: boolean;
}

/** One end of a route; the other may be in any process, and either may move at any time. */
export class Portal extends PortalBase {
  /** Takes the next parcel; null when there is none now, or there will be none any more. */
  get(options: ReceiveOptions = {}): Parcel | null {
    const found = this.state.read(options.rejectable ?? false);
    if (typeof found === "object") return new Parcel(this.context, found);
    if (found === "busy")
      throw new IpczError(
        "ERR_IPCZ_ALREADY_EXISTS",
        "a two-phase get of this portal has not ended",
      );
    return null;
  }

  /**
   * The next parcel, when it comes. Null when there will be none any more: the peer is gone and everything has been
   * read, or this portal has ended. Several may wait at once, and are served in order.
   */
  receive(options: ReceiveOptions = {}): Promise<Parcel | null> {
    const found = this.state.receive(options.rejectable ?? false, options.signal);
    return handled(found.then((raw) => raw && new Parcel(this.context, raw)));
  }

  /** All parcels from now on, until there will be none any more. Leaving the loop closes nothing. */
  async *parcels(options: ReceiveOptions = {}): AsyncGenerator<Parcel, void, undefined> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const parcel = await this.receive(options);
      if (!parcel) return;
      yield parcel;
    }
  }

  /** As {@link Portal.parcels}. */
  [Symbol.asyncIterator](): AsyncGenerator<Parcel, void, undefined> {
    return this.parcels();
  }

  /**
   * Begins a two-phase get of the next parcel; null when there is none now. One may be pending on a portal, and nothing
   * else be got meanwhile; with `overlapped` the parcel is taken at once, and any number may be.
   */
  beginGet(options: { readonly overlapped?: boolean } = {}): PendingGet<Portal | Box> | null {
    const begun = beginGet(this.state, options.overlapped ?? false);
    return begun && new PendingGet(this.state, begun, wrapAll(this.context, begun.handles));
  }

  /** @internal */
  [boxCopy](descriptor: number): Box {
    return new Box(this.context, this.context.boxDescriptor(descriptor));
  }
}

/**
 * A received parcel: bytes, and what was attached.
 *
 * Portals and boxes are the program's from the first look at them on; what nobody has looked at is closed with the
 * parcel, or when it is collected.
 */
export class Parcel {
  /** The bytes; a copy, the program's. */
  readonly bytes: Uint8Array;
  readonly #context: Context;
  #unseen: readonly IpczHandle[];
  #object: IpczHandle;
  #handles: readonly (Portal | Box)[] | null = null;

  /** @internal */
  constructor(context: Context, raw: RawParcel) {
    this.bytes = raw.bytes;
    this.#context = context;
    this.#unseen = raw.handles;
    this.#object = raw.object;
    if (raw.object !== IPCZ_INVALID_HANDLE)
      closeWhenCollected(this, context.api, [raw.object, ...raw.handles]);
    else if (raw.handles.length > 0) closeWhenCollected(this, context.api, raw.handles);
  }

  /** What was attached, in order. */
  get handles(): readonly (Portal | Box)[] {
    if (this.#handles) return this.#handles;
    this.#handles = wrapAll(this.#context, this.#unseen);
    this.#unseen = noHandles;
    this.#watchObject();
    return this.#handles;
  }

  /** The portals among them, in order. */
  get portals(): readonly Portal[] {
    return this.handles.filter((each) => each instanceof Portal);
  }

  /** The boxes among them, in order. */
  get boxes(): readonly Box[] {
    return this.handles.filter((each) => each instanceof Box);
  }

  /** The bytes as UTF-8. */
  text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /**
   * Tells the driver of this node that the content was unacceptable; what follows is its policy. Only for a parcel that
   * was received with `rejectable`, from another node (else `ERR_IPCZ_FAILED_PRECONDITION`).
   *
   * @param context handed to the driver.
   */
  reject(context: unknown = null): void {
    if (this.#object === IPCZ_INVALID_HANDLE)
      throw new IpczError(
        "ERR_IPCZ_CLOSED",
        "the parcel was closed, or not received with { rejectable: true }",
      );
    const result = this.#context.api.Reject(this.#object, context, IPCZ_NO_FLAGS, null);
    expectOk(result, "reject a parcel");
  }

  /** Closes what nobody has looked at. When it was closed before, nothing happens. */
  close(): void {
    const { api } = this.#context;
    for (const handle of this.#unseen) api.Close(handle, IPCZ_NO_FLAGS, null);
    if (this.#unseen.length > 0) this.#handles = [];
    this.#unseen = noHandles;
    if (this.#object !== IPCZ_INVALID_HANDLE) api.Close(this.#object, IPCZ_NO_FLAGS, null);
    this.#object = IPCZ_INVALID_HANDLE;
    forget(this);
  }

  /** As {@link Parcel.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #watchObject(): void {
    forget(this);
    if (this.#object !== IPCZ_INVALID_HANDLE)
      closeWhenCollected(this, this.#context.api, [this.#object]);
  }
}

/** What was in a box. */
export type BoxContents =
  /** A value of this process, which the box carried through this process only. */
  | { readonly type: "object"; readonly value: unknown }
  /** A descriptor of this process, the program's to close: see `Node.boxDescriptor`. */
  | { readonly type: "descriptor"; readonly descriptor: number }
  /** Another object of the node's driver, the program's now. */
  | { readonly type: "driver-object"; readonly object: IpczDriverHandle }
  /** What a value of another process was turned into on its way. */
  | { readonly type: "parcel"; readonly parcel: Parcel };

/** Something that is neither bytes nor a portal, wrapped to be attached to a parcel. */
export class Box implements Attachable {
  readonly #context: Context;
  #handle: IpczHandle;
  #end: "closed" | "detached" | null = null;

  /** @internal */
  constructor(context: Context, handle: IpczHandle) {
    this.#context = context;
    this.#handle = handle;
    closeWhenCollected(this, context.api, [handle]);
  }

  /** Its handle in the table, still owned by this object. Throws when the box is closed or gone. */
  get handle(): IpczHandle {
    return this[offer]("use its handle");
  }

  /** What is in it. */
  get type(): BoxType {
    return boxTypeOf(
      unbox(this.#context.api, this[offer]("look into it"), IPCZ_UNBOX_PEEK),
      this.#context.driver,
    );
  }

  /** Takes the contents out; the box is gone. */
  open(): BoxContents {
    const contents = unbox(this.#context.api, this[offer]("open it"), IPCZ_NO_FLAGS);
    this[handOver]();
    const type = boxTypeOf(contents, this.#context.driver);
    switch (type) {
      case "descriptor":
        return { type, descriptor: this.#descriptorOf(contents.driverObject) };
      case "driver-object":
        return { type, object: contents.driverObject };
      case "object":
        return { type, value: contents.applicationObject };
      case "parcel":
        return { type, parcel: this.#read(contents.subparcel) };
    }
  }

  /** Closes the box and what is in it. When it has ended, nothing happens. */
  close(): void {
    if (this.#end !== null) return;
    const handle = this.#handle;
    this.#finish("closed");
    this.#context.api.Close(handle, IPCZ_NO_FLAGS, null);
  }

  /** As {@link Box.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Gives the handle away, to be used with the table; the object has nothing left. */
  release(): IpczHandle {
    const handle = this[offer]("release it");
    this[handOver]();
    return handle;
  }

  /** @internal */
  [offer](what: string): IpczHandle {
    if (this.#end === null) return this.#handle;
    const isClosed = this.#end === "closed";
    throw new IpczError(
      isClosed ? "ERR_IPCZ_CLOSED" : "ERR_IPCZ_DETACHED",
      `cannot ${what}: the box ${isClosed ? "is closed" : "was sent, opened or released"}`,
    );
  }

  /** @internal */
  [handOver](): void {
    this.#finish("detached");
  }

  #finish(end: "closed" | "detached"): void {
    this.#end = end;
    this.#handle = IPCZ_INVALID_HANDLE;
    forget(this);
  }

  #descriptorOf(object: IpczDriverHandle): number {
    const descriptor = this.#context.driver.releaseDescriptor?.(object);
    if (descriptor !== undefined) return descriptor;
    throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver gives no descriptors");
  }

  #read(subparcel: IpczHandle): Parcel {
    const found = readParcel(this.#context.api, subparcel, false);
    this.#context.api.Close(subparcel, IPCZ_NO_FLAGS, null);
    if (typeof found !== "object")
      throw new IpczError("ERR_IPCZ_UNAVAILABLE", "the box has no parcel");
    return new Parcel(this.#context, found);
  }
}

/** The objects for handles that came out of the table. */
export function wrapAll(
  context: Context,
  handles: readonly IpczHandle[],
): readonly (Portal | Box)[] {
  return handles.map((handle) => wrap(context, handle));
}

function wrap(context: Context, handle: IpczHandle): Portal | Box {
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  const isPortal =
    context.api.QueryPortalStatus(handle, IPCZ_NO_FLAGS, null, status) === IPCZ_RESULT_OK;
  return isPortal ? new Portal(context, handle) : new Box(context, handle);
}
