/**
 * What a portal object knows and waits for: its end, pending receives, and the traps behind both.
 *
 * It deals in raw parcels and handles; the objects made of them are somebody else's.
 */
import {
  IPCZ_NO_FLAGS,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_PEER_CLOSED,
  type IpczHandle,
} from "@ipcz/api";
import { expectOk, IpczError } from "../errors/ipcz-error.ts";
import { handled, reasonOf } from "./abort.ts";
import type { Context } from "./context.ts";
import { PendingReceives } from "./pending-receives.ts";
import { type NoParcel, type RawParcel, readParcel } from "./raw-parcel.ts";
import { TrapSlot } from "./trap-slot.ts";

/**
 * How a portal came to its end: the peer is closed or lost (and all it sent has arrived), it was closed here, it was
 * sent, merged or released, or more than its `unreadBytesMax` was waiting.
 */
export type PortalEnd = "peer-closed" | "closed" | "detached" | "overflow";

/** A snapshot of a portal. */
export interface PortalStatus {
  /** The peer is closed or lost, and all it sent has arrived here. */
  readonly peerClosed: boolean;
  /** That, and everything has been read. */
  readonly dead: boolean;
  /** Parcels that can be read now. */
  readonly parcels: number;
  /** Bytes in these parcels. */
  readonly bytes: number;
}

/** Whom a portal's state tells. */
export interface PortalWatcher {
  /** There is something to read, or nothing will ever be. */
  readable(): void;
  /** It has ended; told when that is asked for, each time. */
  ended(how: PortalEnd): void;
  /** It has ended in this process; told once, asked for or not. */
  endedHere(): void;
}

const readableFlags = IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD;
const moreFlags = IPCZ_TRAP_NEW_LOCAL_PARCEL | IPCZ_TRAP_DEAD;

export class PortalState {
  readonly context: Context;
  readonly handle: IpczHandle;
  private readonly watcher: PortalWatcher;
  /** How it ended here; a peer's end is known only once somebody asks. */
  private localEnd: Exclude<PortalEnd, "peer-closed"> | null = null;
  private readonly pending = new PendingReceives();
  private reading: TrapSlot | null = null;
  private arriving: TrapSlot | null = null;
  private ending: TrapSlot | null = null;
  private overflowing: TrapSlot | null = null;
  private closedPromise: Promise<PortalEnd> | null = null;
  private resolveClosed: ((end: PortalEnd) => void) | null = null;
  private tellsReadable = false;
  private tellsEnd = false;

  constructor(context: Context, handle: IpczHandle, watcher: PortalWatcher) {
    this.context = context;
    this.handle = handle;
    this.watcher = watcher;
  }

  /** How it ended in this process; null while it is open. */
  get end(): Exclude<PortalEnd, "peer-closed"> | null {
    return this.localEnd;
  }

  /** The handle, for a call. Throws when it is not ours any more. */
  use(what: string): IpczHandle {
    if (this.localEnd === null) return this.handle;
    if (this.localEnd === "detached")
      throw new IpczError(
        "ERR_IPCZ_DETACHED",
        `cannot ${what}: the portal was sent, merged or released`,
      );
    throw new IpczError("ERR_IPCZ_CLOSED", `cannot ${what}: the portal is closed`);
  }

  get status(): PortalStatus {
    if (this.localEnd !== null) return { peerClosed: false, dead: true, parcels: 0, bytes: 0 };
    const status = {
      size: IPCZ_PORTAL_STATUS_SIZE,
      flags: 0,
      numLocalParcels: 0,
      numLocalBytes: 0,
    };
    const result = this.context.api.QueryPortalStatus(this.handle, IPCZ_NO_FLAGS, null, status);
    expectOk(result, "query a portal");
    return {
      peerClosed: (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0,
      dead: (status.flags & IPCZ_PORTAL_STATUS_DEAD) !== 0,
      parcels: status.numLocalParcels,
      bytes: status.numLocalBytes,
    };
  }

  /** Takes the next parcel, whoever else waits for it. */
  read(keep: boolean): RawParcel | NoParcel {
    return readParcel(this.context.api, this.use("get a parcel"), keep);
  }

  /** The next parcel when it comes; null: there will be none. */
  receive(keep: boolean, signal: AbortSignal | undefined): Promise<RawParcel | null> {
    if (signal?.aborted === true) return handled(Promise.reject(reasonOf(signal)));
    if (this.localEnd !== null) return Promise.resolve(null);
    if (this.pending.isEmpty) {
      const found = readParcel(this.context.api, this.handle, keep);
      if (typeof found === "object") return Promise.resolve(found);
      if (found === "dead") return Promise.resolve(null);
    }
    const promise = this.pending.add(keep, signal, () => this.reading?.disarm());
    this.pump();
    return promise;
  }

  /** Serves those who wait; also after a two-phase get that was in the way. */
  pump(): void {
    while (this.localEnd === null && !this.pending.isEmpty) {
      const found = readParcel(this.context.api, this.handle, this.pending.keeps);
      if (found === "busy") return;
      if (found === "dead") this.pending.endAll();
      else if (found !== "empty") this.pending.serve(found);
      else {
        this.reading ??= new TrapSlot(this.context.api, this.handle, () => this.pump());
        if (this.reading.arm(readableFlags)) return;
      }
    }
  }

  /** Whether the watcher is told when there is something to read: at once if there is, then for each that comes. */
  tellReadable(wanted: boolean): void {
    if (wanted === this.tellsReadable) return;
    this.tellsReadable = wanted;
    if (!wanted) this.arriving?.disarm();
    else if (this.localEnd === null) {
      this.arriving ??= new TrapSlot(this.context.api, this.handle, () => this.arrived());
      if (!this.arriving.arm(readableFlags)) this.arrived();
    }
  }

  /** Whether the watcher is told of the end. */
  tellEnd(wanted: boolean): void {
    this.tellsEnd = wanted;
    this.watchEnd();
  }

  get closed(): Promise<PortalEnd> {
    this.closedPromise ??= new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    this.watchEnd();
    return this.closedPromise;
  }

  /** From now on the portal is closed when more than that waits unread. */
  limitUnread(bytesMax: number): void {
    this.overflowing?.disarm();
    this.overflowing = null;
    if (bytesMax === Infinity || this.localEnd !== null) return;
    this.overflowing = new TrapSlot(this.context.api, this.handle, () => this.close("overflow"));
    if (!this.overflowing.arm(IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES, bytesMax)) this.close("overflow");
  }

  /** Closes it; when it has ended here before, nothing. */
  close(how: "closed" | "overflow" = "closed"): void {
    if (this.localEnd !== null) return;
    this.finish(how);
    this.context.api.Close(this.handle, IPCZ_NO_FLAGS, null);
  }

  /** The handle is somebody else's from now on. */
  detach(): void {
    this.finish("detached");
  }

  private finish(how: "closed" | "overflow" | "detached"): void {
    this.localEnd = how;
    for (const slot of [this.reading, this.arriving, this.ending, this.overflowing]) slot?.disarm();
    this.pending.endAll();
    this.watcher.endedHere();
    this.tell(how);
  }

  private arrived(): void {
    if (!this.tellsReadable || this.localEnd !== null) return;
    this.watcher.readable();
    // What is there now has been told; only something new is worth telling again.
    if (!this.status.dead) this.arriving?.arm(moreFlags);
  }

  private watchEnd(): void {
    if (!this.tellsEnd && !this.resolveClosed) {
      this.ending?.disarm();
      return;
    }
    if (this.localEnd !== null) this.tell(this.localEnd);
    else {
      this.ending ??= new TrapSlot(this.context.api, this.handle, () => this.tell("peer-closed"));
      if (!this.ending.arm(IPCZ_TRAP_PEER_CLOSED)) this.tell("peer-closed");
    }
  }

  private tell(how: PortalEnd): void {
    this.resolveClosed?.(how);
    this.resolveClosed = null;
    if (this.tellsEnd) this.watcher.ended(how);
  }
}
