/**
 * The larger half of a portal: sending, its end, its limits. Receiving is added where parcels are known.
 */
import {
  IPCZ_BEGIN_PUT_ALLOW_PARTIAL,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczHandle,
  type IpczTransaction,
} from "@ipcz/api";
import { expectOk, IpczError } from "../errors/ipcz-error.ts";
import { abortable, handled } from "./abort.ts";
import { BacklogGate } from "./backlog-gate.ts";
import {
  type Attachable,
  attachmentsOf,
  bytesOf,
  handOver,
  handOverAll,
  offer,
  offerAll,
  type Puttable,
  surrender,
} from "./carried.ts";
import type { Context } from "./context.ts";
import { Emitter } from "./emitter.ts";
import { closeWhenCollected, forget } from "./garbage.ts";
import { completeLimits, type PortalLimits } from "./limits.ts";
import { PendingPut } from "./pending-put.ts";
import { type PortalEnd, PortalState, type PortalStatus } from "./portal-state.ts";

/** The events of a `Portal` and what their listeners are given. */
export interface PortalEvents {
  /** There is something to read, or (when `get` finds nothing) nothing will ever be. */
  readable: [];
  /** After a `put` that answered false: there is room again, or nobody to send to any more. */
  writable: [];
  /**
   * The portal has ended; `how` says in which way. Unread parcels may be left. Told to each listener once, also to
   * those that come later.
   */
  closed: [how: PortalEnd];
}

/** A portal without what brings parcels out of it; see `Portal`. */
export abstract class PortalBase extends Emitter<PortalEvents> implements Attachable {
  /** @internal */
  protected readonly context: Context;
  /** @internal */
  protected readonly state: PortalState;
  readonly #gate: BacklogGate;
  #limits: Required<PortalLimits>;
  /** A put has answered false, and nobody has been told since that there is room again. */
  #owesWritable = false;
  #waitingSends = 0;
  /** Settles when nobody waits any more of those who do now. */
  #lastTurn: Promise<unknown> = Promise.resolve();
  #watchesRoom = false;
  #referenced = false;

  /** @internal */
  constructor(context: Context, handle: IpczHandle) {
    super();
    this.context = context;
    this.state = new PortalState(context, handle, {
      readable: () => this.emitSoon("readable"),
      ended: (how) => this.emitLast("closed", how),
      endedHere: () => {
        forget(this);
        this.unref();
      },
    });
    this.#gate = new BacklogGate(context, handle);
    this.#limits = context.limits;
    closeWhenCollected(this, context.api, [handle]);
    this.state.limitUnread(this.#limits.unreadBytesMax);
  }

  /** Its handle in the table, still owned by this object. Throws when the portal is closed or gone. */
  get handle(): IpczHandle {
    return this.state.use("use its handle");
  }

  /** What can be said about it now. */
  get status(): PortalStatus {
    return this.state.status;
  }

  /** How it ended in this process: null while it is open here, whatever became of its peer. */
  get ended(): PortalEnd | null {
    return this.state.end;
  }

  /** Resolves when the portal has ended, one way or the other; never rejects. Unread parcels may be left. */
  get closed(): Promise<PortalEnd> {
    return this.state.closed;
  }

  /**
   * Puts a parcel, for the peer to get. Copies the bytes; what is attached is gone from here. Never waits.
   *
   * Throws, with nothing changed, when there is nobody to get it (`ERR_IPCZ_NOT_FOUND`), when something cannot be
   * attached, or when `backlogBytesMax` is reached.
   *
   * @returns false when so much waits that a polite sender waits for {@link PortalBase.ready}.
   */
  put(puttable: Puttable): boolean {
    const bytes = bytesOf(puttable);
    const attachments = attachmentsOf(puttable);
    const handle = this.state.use("put a parcel");
    if (this.#limits.backlogBytesMax !== Infinity) this.#checkBacklog();
    const list = offerAll(attachments);
    const { api } = this.context;
    const result = api.Put(handle, bytes, bytes.length, list, list.length, IPCZ_NO_FLAGS, null);
    if (result !== IPCZ_RESULT_OK) expectOk(result, "put a parcel");
    handOverAll(attachments);
    const hasRoom = this.#gate.bytes < this.#limits.highWaterMark;
    if (!hasRoom) {
      this.#owesWritable = true;
      this.#watchRoom();
    }
    return hasRoom;
  }

  /** Puts a parcel when there is room: after {@link PortalBase.ready}. Bytes and handles must be left alone until then. */
  send(
    puttable: Puttable,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    return handled(this.#send(puttable, options.signal));
  }

  /**
   * Begins a two-phase put of `size` bytes, or fewer with `partial`. Any number may be pending; each takes its place
   * in the sequence when it is committed.
   */
  beginPut(size: number, options: { readonly partial?: boolean } = {}): PendingPut {
    const handle = this.state.use("begin a put");
    const data = { value: null };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- filled in by the call
    const transaction = { value: 0 as IpczTransaction };
    const flags = options.partial === true ? IPCZ_BEGIN_PUT_ALLOW_PARTIAL : IPCZ_NO_FLAGS;
    const { api } = this.context;
    const result = api.BeginPut(handle, flags, null, data, { value: size }, transaction);
    expectOk(result, "begin a put");
    return new PendingPut(this.state, transaction.value, data.value ?? new Uint8Array(0));
  }

  /**
   * Makes the peers of both portals each other's peer. Both must be unused, and are gone from here afterwards; what
   * their peers have sent is passed on. When it throws, nothing has changed.
   */
  merge(other: PortalBase): void {
    const handles = [this.state.use("merge it"), other[offer]("merge it")] as const;
    expectOk(this.context.api.MergePortals(...handles, IPCZ_NO_FLAGS, null), "merge portals");
    this[handOver]();
    other[handOver]();
  }

  /** What this portal may pile up. */
  get limits(): Required<PortalLimits> {
    return this.#limits;
  }

  /** Changes some limits; the others stay. */
  setLimits(limits: PortalLimits): void {
    this.#limits = completeLimits(limits, this.#limits);
    this.state.limitUnread(this.#limits.unreadBytesMax);
  }

  /**
   * Bytes that wait in this process before the next parcel can leave: this portal's, and those of others that go to the
   * same node. What has left and is not read yet is not counted. 0 under a driver or library that cannot tell.
   */
  get backlog(): number {
    return this.state.end === null ? this.#gate.bytes : 0;
  }

  /** Bytes that may be put before senders are asked to wait; 0 or less: wait. Null: nobody would get them. */
  get desiredSize(): number | null {
    if (this.state.end !== null || this.state.status.peerClosed) return null;
    return this.#limits.highWaterMark - this.#gate.bytes;
  }

  /** Resolves when there is room again, or nobody to send to any more; never rejects. */
  get ready(): Promise<void> {
    return this.#whenBacklog(Math.max(this.#limits.highWaterMark - 1, 0));
  }

  /** Resolves when everything put so far has left this process, or never will; never rejects. */
  drained(): Promise<void> {
    return this.#whenBacklog(0);
  }

  /** Closes the portal: what was put still arrives, then the peer sees the end. When it has ended, nothing happens. */
  close(): void {
    this.state.close();
  }

  /** As {@link PortalBase.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Gives the handle away, to be used with the table; the object has nothing left. */
  release(): IpczHandle {
    const handle = this.state.use("release it");
    this[handOver]();
    return handle;
  }

  /** While this portal is open here, its node's connections keep the process alive, even if the node is `unref`ed. */
  ref(): this {
    if (this.#referenced || this.state.end !== null) return this;
    this.#referenced = true;
    this.context.keepAlive.hold();
    return this;
  }

  /** Undoes `ref`; portals begin like this. */
  unref(): this {
    if (this.#referenced) this.context.keepAlive.release();
    this.#referenced = false;
    return this;
  }

  /** @internal */
  [surrender](): { readonly context: Context; readonly handle: IpczHandle } {
    return { context: this.context, handle: this.release() };
  }

  /** @internal */
  [offer](what: string): IpczHandle {
    return this.state.use(what);
  }

  /** @internal */
  [handOver](): void {
    this.state.detach();
  }

  /** @internal */
  protected override listenersChanged(name: keyof PortalEvents, count: number): void {
    if (name === "readable") this.state.tellReadable(count > 0);
    if (name === "writable" && count > 0) this.#watchRoom();
    if (name === "closed") this.state.tellEnd(count > 0);
  }

  async #send(puttable: Puttable, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const isFull = this.#gate.bytes >= this.#limits.highWaterMark;
    if (isFull || this.#waitingSends > 0) await this.#waitForTurn(signal);
    this.put(puttable);
  }

  /** Those who wait put in the order in which they came, one for each time that there is room. */
  async #waitForTurn(signal: AbortSignal | undefined): Promise<void> {
    const before = this.#lastTurn;
    const turn = abortable(
      before.then(() => this.ready),
      signal,
    );
    // Who gives up does not let the next one pass those before.
    this.#lastTurn = Promise.allSettled([before, turn]);
    this.#waitingSends++;
    try {
      await turn;
    } finally {
      this.#waitingSends--;
    }
  }

  #checkBacklog(): void {
    const { backlogBytesMax } = this.#limits;
    if (this.#gate.bytes < backlogBytesMax) return;
    throw new IpczError("ERR_IPCZ_BACKLOG", `more than ${backlogBytesMax} bytes wait to be sent`);
  }

  #whenBacklog(numBytes: number): Promise<void> {
    if (this.state.end !== null) return Promise.resolve();
    return new Promise((resolve) => this.#gate.wait(numBytes, resolve));
  }

  #watchRoom(): void {
    const isWanted = this.#owesWritable && this.listenerCount("writable") > 0;
    if (!isWanted || this.#watchesRoom || this.state.end !== null) return;
    this.#watchesRoom = true;
    this.#gate.wait(Math.max(this.#limits.highWaterMark - 1, 0), () => {
      this.#watchesRoom = false;
      // Whoever wanted to know may have left meanwhile.
      if (this.listenerCount("writable") === 0) return;
      this.#owesWritable = false;
      this.emitSoon("writable");
    });
  }
}
