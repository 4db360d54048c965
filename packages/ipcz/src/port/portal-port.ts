/**
 * A portal that behaves as a `MessagePort`.
 */
import {
  IPCZ_NO_FLAGS,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_DEAD,
  type IpczHandle,
} from "@ipcz/api";
import { areLocalPeers } from "@ipcz/core/inspect";
import { transferOnly } from "../clone/classify.ts";
import { dataCloneError } from "../clone/data-clone-error.ts";
import { expectOk } from "../errors/ipcz-error.ts";
import { surrender } from "../objects/carried.ts";
import type { Context } from "../objects/context.ts";
import { closeWhenCollected, forget } from "../objects/garbage.ts";
import { Portal } from "../objects/objects.ts";
import { TrapSlot } from "../objects/trap-slot.ts";
import { cargoKinds } from "./cargo-kinds.ts";
import type { Departure, Origin } from "./cargo.ts";
import { PortalCloseEvent, PortalMessageEvent } from "./events.ts";
import { type Incoming, takeMessage } from "./incoming.ts";
import { DualEventTarget, type EventListenerLike } from "./listeners.ts";
import { Outbox } from "./outbox.ts";
import { type Cargo, closeAll, EncodedMessage } from "./outgoing.ts";
import { Pace } from "./pace.ts";
import { readTransferList, type TransferList, type TransferOptions } from "./transfer-list.ts";

/** The events of a port, as `addEventListener` gives them. */
export interface PortalPortEventMap {
  message: PortalMessageEvent<PortalPort>;
  /** What came was no message, or held something that this runtime does not know. */
  messageerror: PortalMessageEvent<PortalPort>;
  close: PortalCloseEvent;
}

/** What `on` gives its listeners. */
export interface PortalPortValueMap {
  message: unknown;
  messageerror: Error;
  close: PortalCloseEvent;
}

/** What `onmessage` and the like hold. */
export type PortalPortHandler<Event> = ((this: PortalPort, event: Event) => unknown) | null;

/**
 * A message port whose other end may be in any process, and may be sent on from there: whoever gets it in the end has a
 * direct line here.
 *
 * As with `MessagePort`, messages wait until the port is started, which a listener for them does; a port with such a
 * listener keeps the process alive. Unlike it, a port that nobody refers to is closed when it is collected.
 */
export class PortalPort extends DualEventTarget<PortalPortEventMap, PortalPortValueMap> {
  readonly #context: Context;
  #handle: IpczHandle;
  /** `detached`: it was sent. `closing`: nothing more is posted or received, but something waits to be sent. */
  #state: "open" | "closing" | "closed" | "detached" = "open";
  #started = false;
  #referenced = false;
  readonly #outbox: Outbox;
  readonly #pace: Pace;
  readonly #arriving: TrapSlot;
  readonly #ending: TrapSlot;
  readonly #handlers = new Map<string, { value: unknown; listener: EventListenerLike }>();

  /** Makes a port of a portal; the portal object has nothing left. Its peer should be made a port, too. */
  constructor(portal: Portal) {
    super();
    const { context, handle } = portal[surrender]();
    this.#context = context;
    this.#handle = handle;
    this.#outbox = new Outbox(
      (message, handles) => this.#put(message, { handles, detach: nothing, leave: nothing }),
      (handles) => closeAll(context.api, handles),
    );
    this.#pace = new Pace(() => this.#deliver());
    this.#arriving = new TrapSlot(context.api, handle, () => this.#pace.start());
    this.#ending = new TrapSlot(context.api, handle, () => this.#pace.start());
    closeWhenCollected(this, context.api, [handle]);
  }

  /**
   * Sends a clone of `value`, with what is in the transfer list.
   *
   * Throws a `DataCloneError` when something cannot travel; then nothing has been sent, detached or transferred. When
   * the other end is closed, or this one, the message and what was transferred with it are dropped, as `MessagePort`
   * does.
   */
  postMessage(value: unknown, transfer?: TransferOptions): void {
    if (arguments.length === 0)
      throw new TypeError("Not enough arguments to PortalPort.postMessage");
    const list = readTransferList(transfer, { context: this.#context, port: this }, kinds);
    try {
      this.#send(EncodedMessage.of(value, list), list);
    } catch (error) {
      list.cancel();
      throw error;
    }
  }

  /** Begins to deliver messages. A listener for `message` does this, too. */
  start(): void {
    if (this.#started || this.#state !== "open") return;
    this.#started = true;
    this.#watch();
  }

  /**
   * Closes this end. What was posted before still arrives, then the other end sees `close`, and so does this one. No
   * message is delivered here any more.
   *
   * @param done called as a listener for `close`.
   */
  close(done?: () => void): void {
    if (done) this.once("close", done);
    if (this.#state !== "open") return;
    const busy = this.#outbox.empty;
    this.#state = "closing";
    this.#arriving.disarm();
    this.#ending.disarm();
    if (busy === null) this.#end();
    else void busy.then(() => this.#end());
  }

  /** As {@link PortalPort.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** While it is open, the connections of its node keep the process alive. A listener for `message` does this. */
  ref(): void {
    if (this.#referenced || this.#state !== "open") return;
    this.#referenced = true;
    this.#context.keepAlive.hold();
  }

  /** Undoes `ref`. */
  unref(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    this.#context.keepAlive.release();
  }

  /** Whether it keeps the process alive. */
  hasRef(): boolean {
    return this.#referenced;
  }

  /** Takes the next message now, started or not; undefined when there is none. As `receiveMessageOnPort`. */
  receiveMessage(): { message: unknown } | undefined {
    while (this.#state === "open") {
      const incoming = takeMessage(this.#context, this.#handle, kinds);
      if (incoming === "dead") this.#pace.start();
      if (typeof incoming === "string") return undefined;
      if (incoming.type === "message") return { message: incoming.value };
      queueMicrotask(() => this.#tell(incoming));
    }
    return undefined;
  }

  /** The handle of its portal, still owned by this object; for looking at it. Null when it has none any more. */
  get handle(): IpczHandle | null {
    return this.#state === "open" || this.#state === "closing" ? this.#handle : null;
  }

  /** A listener for `message`. */
  get onmessage(): PortalPortHandler<PortalPortEventMap["message"]> {
    return this.#handlerOf("message");
  }
  /** Takes the place of the one before; null: none. */
  set onmessage(handler: PortalPortHandler<PortalPortEventMap["message"]>) {
    this.#setHandler("message", handler);
  }

  /** A listener for `messageerror`. */
  get onmessageerror(): PortalPortHandler<PortalPortEventMap["messageerror"]> {
    return this.#handlerOf("messageerror");
  }
  /** Takes the place of the one before; null: none. */
  set onmessageerror(handler: PortalPortHandler<PortalPortEventMap["messageerror"]>) {
    this.#setHandler("messageerror", handler);
  }

  /** A listener for `close`. */
  get onclose(): PortalPortHandler<PortalPortEventMap["close"]> {
    return this.#handlerOf("close");
  }
  /** Takes the place of the one before; null: none. */
  set onclose(handler: PortalPortHandler<PortalPortEventMap["close"]>) {
    this.#setHandler("close", handler);
  }

  protected override listenersChanged(type: string, count: number): void {
    if (type === "close" && count === 1) this.#watch();
    if (type !== "message") return;
    if (count === 0) this.unref();
    else if (count === 1) {
      this.ref();
      this.start();
    }
  }

  /** @internal How a port is cargo itself; null: it is none. */
  static departureOf(item: object, { context, port }: Origin): Departure | null {
    if (!(item instanceof PortalPort)) return null;
    if (item === port) throw dataCloneError("Transfer list contains source port");
    if (item.#state !== "open")
      throw dataCloneError("MessagePort in transfer list is already detached");
    if (item.#context.api !== context.api)
      throw dataCloneError("A port in the transfer list is of another implementation of ipcz");
    if (port instanceof PortalPort && areLocalPeers(port.#handle, item.#handle))
      throw dataCloneError("Transfer list contains the other end of the source port");
    const wait = item.#outbox.empty;
    const leave = (): void => item.#release("detached");
    return { kind: 1, object: item, wait, handles: [item.#handle], leave, cancel: () => undefined };
  }

  #handlerOf<Event>(type: string): PortalPortHandler<Event> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as it was set
    return (this.#handlers.get(type)?.value ?? null) as PortalPortHandler<Event>;
  }

  #setHandler(type: string, value: unknown): void {
    const known = this.#handlers.get(type);
    if (known) this.removeEventListener(type, known.listener);
    this.#handlers.delete(type);
    if (typeof value !== "function") return;
    const listener = (event: Event): unknown => Reflect.apply(value, this, [event]) as unknown;
    this.#handlers.set(type, { value, listener });
    this.addEventListener(type, listener);
  }

  /** @internal The port of a portal that came in. */
  static open(context: Context, handle: IpczHandle): PortalPort {
    return new PortalPort(new Portal(context, handle));
  }

  /** Delivers one message; false: none is there, and something will say when. */
  #deliver(): boolean {
    if (this.#state !== "open") return false;
    if (!this.#started) {
      if (this.#isDead()) this.#lost();
      else this.#watch();
      return false;
    }
    const incoming = takeMessage(this.#context, this.#handle, kinds);
    if (incoming === "dead") this.#lost();
    else if (incoming === "empty") this.#watch();
    else {
      this.#tell(incoming);
      return true;
    }
    return false;
  }

  #tell(incoming: Incoming): void {
    if (incoming.type === "message") {
      const { value, arrivals } = incoming;
      const makeEvent = (): Event => {
        const ports = arrivals.filter((each) => each instanceof PortalPort);
        return new PortalMessageEvent("message", this, value, ports);
      };
      this.dispatch("message", { value, makeEvent });
    } else {
      const { error } = incoming;
      const makeEvent = (): Event => new PortalMessageEvent("messageerror", this, error);
      this.dispatch("messageerror", { value: error, makeEvent });
    }
  }

  /** Wants to know when there is something to do. A port that nobody listens to wants nothing, and may be collected. */
  #watch(): void {
    if (this.#state !== "open") return;
    let armed = true;
    if (this.#started)
      armed = this.#arriving.arm(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD);
    else if (this.listenerCount("close") > 0) armed = this.#ending.arm(IPCZ_TRAP_DEAD);
    if (!armed) this.#pace.start();
  }

  #isDead(): boolean {
    const status = {
      size: IPCZ_PORTAL_STATUS_SIZE,
      flags: 0,
      numLocalParcels: 0,
      numLocalBytes: 0,
    };
    const { api } = this.#context;
    const result = api.QueryPortalStatus(this.#handle, IPCZ_NO_FLAGS, null, status);
    return result === IPCZ_RESULT_OK && (status.flags & IPCZ_PORTAL_STATUS_DEAD) !== 0;
  }

  /** At once, if nothing keeps the message. Throws with nothing changed. */
  #send(message: EncodedMessage, list: TransferList): void {
    const { waits } = list;
    const mustWait = message.blobs.length > 0 || waits.length > 0 || this.#outbox.empty !== null;
    if (this.#state === "open" && !mustWait) {
      this.#put(message, list.isEmpty ? null : list);
      return;
    }
    message.own();
    list.detach();
    list.leave();
    if (this.#state === "open") this.#outbox.add({ message, handles: list.handles, waits });
    else closeAll(this.#context.api, list.handles);
  }

  /** Where nobody is left to get it, it is dropped. */
  #put(message: EncodedMessage, cargo: Cargo | null): void {
    const result = message.put(this.#context.api, this.#handle, cargo);
    message.release();
    if (result !== IPCZ_RESULT_NOT_FOUND) expectOk(result, "post a message");
  }

  /** The other end has gone, and everything it sent was delivered. */
  #lost(): void {
    this.#state = "closing";
    this.#end();
  }

  #end(): void {
    this.#release("closed");
    this.#context.api.Close(this.#handle, IPCZ_NO_FLAGS, null);
    process.nextTick(() => {
      const event = new PortalCloseEvent(this);
      this.dispatch("close", { value: event, makeEvent: () => event });
    });
  }

  #release(state: "closed" | "detached"): void {
    this.unref();
    this.#state = state;
    this.#arriving.disarm();
    this.#ending.disarm();
    forget(this);
  }
}

function nothing(): void {
  // It has happened when the message was posted.
}

Object.defineProperty(PortalPort.prototype, transferOnly, { value: true });

const kinds = cargoKinds({
  departureOf: (item, origin) => PortalPort.departureOf(item, origin),
  arrivalOf: (handle, context) => {
    const port = PortalPort.open(context, handle);
    return { object: port, discard: () => port.close() };
  },
  open: (context, handle) => PortalPort.open(context, handle),
});
