/**
 * A transport from its activation to its end: the last stop before the driver, and the first after it.
 *
 * The handle given to the driver as listener is lent until the driver says DEACTIVATED. The transport's own handle is
 * closed after that, as drivers may expect (spec: api 3.2, 3.5.1), and never while a call of ours into the driver or
 * of the driver into us is on the stack.
 *
 * A well-behaved driver never nests notifications. If one does, they are kept (bytes copied) and delivered in order
 * when the outer one is finished, whose answer then speaks for them too.
 */
import {
  type IpczContext,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
  type IpczTransportActivityBatch,
  type IpczTransportActivityHandler,
  type IpczTransportActivityOptions,
} from "@ipcz/api";
import { assert } from "../base/assert.ts";
import { Deque } from "../base/deque.ts";
import { driverObjectBytesIn } from "../wire/driver-objects.ts";
import { closeHandles, DriverObject } from "./driver-object.ts";

/** Where listener handles come from; they must differ from every other handle in use. */
export interface ListenerHandles {
  lend(): IpczHandle;
  takeBack(handle: IpczHandle): void;
}

/** Whoever wants a transport's messages. */
export interface TransportListener {
  /**
   * One message. `data` and the array `handles` are lent for the time of the call; the handles in it are the
   * listener's to close. False: the sender misbehaves; the driver will answer with an error.
   */
  onMessage(data: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): boolean;
  /**
   * In a batch: messages `first` to `count - 1` of those in `buffer`, without handles; `spans` has two numbers for each,
   * where it starts and how many bytes it is. Lent for the call. Answers with the number of the first that is not of a kind
   * that is taken like this, or is not sound: nothing was done with it, and onMessage will have it.
   */
  onMessagesAt?(buffer: Uint8Array, spans: Int32Array, first: number, count: number): number;
  /** The transport is broken or the peer gone. It is deactivated afterwards, if the listener has not done so. */
  onError(): void;
  /**
   * Several messages follow at once, up to {@link TransportListener.onBatchEnd}; those that are in `lent` stay there until
   * then, as they are.
   */
  onBatchBegin?(lent: Uint8Array | null): void;
  onBatchEnd?(): void;
  /** Nothing will come any more. Called once for each transport that was activated, as the last call. */
  onDeactivated(): void;
}

type Notification =
  | {
      readonly kind: "message";
      readonly data: Uint8Array;
      readonly handles: readonly IpczDriverHandle[];
      readonly envelope: IpczDriverHandle;
    }
  | { readonly kind: "error" }
  | { readonly kind: "deactivated" };

const NO_BYTES = new Uint8Array(0);
const NO_HANDLES: readonly IpczDriverHandle[] = [];
/** In place of a message's number: one was rejected. */
const REJECTED = -1;

export class DriverTransport {
  private readonly driver: IpczDriver;
  private readonly object: DriverObject;
  private readonly listenerHandles: ListenerHandles;
  private listener: TransportListener | null = null;
  /** The handle that the driver holds; 0 before activation and after DEACTIVATED. */
  private lent: IpczHandle = IPCZ_INVALID_HANDLE;
  private phase: "idle" | "active" | "deactivating" | "ended" = "idle";
  private closing = false;
  /** Calls into the driver, and of the driver, that are on the stack. */
  private busy = 0;
  private notifying = false;
  /** Who was told that a batch began, and is to be told that it ends. */
  private batchListener: TransportListener | null = null;
  private readonly nested = new Deque<Notification>();

  /** Takes `object`. */
  constructor(object: DriverObject, listeners: ListenerHandles) {
    this.driver = object.driver;
    this.object = object;
    this.listenerHandles = listeners;
  }

  /** The driver's handle, still owned by the transport; 0 once released or closed. */
  get handle(): IpczDriverHandle {
    return this.object.handle;
  }

  /** Whether messages are delivered. */
  get isActive(): boolean {
    return this.phase === "active";
  }

  /** Starts delivery to `listener`, possibly before this returns. On failure the transport can only be closed. */
  activate(listener: TransportListener): IpczResult {
    assert(this.phase === "idle" && this.object.isValid, "a transport is activated once");
    this.listener = listener;
    this.lent = this.listenerHandles.lend();
    this.phase = "active";
    this.busy++;
    const handler = Object.assign(this.handler, {
      batch: this.batch,
      objectsIn: driverObjectBytesIn,
    });
    const result = this.driver.ActivateTransport(this.handle, this.lent, handler, 0, null);
    this.busy--;
    if (result !== IPCZ_RESULT_OK) {
      this.endListening();
      this.phase = "ended";
    }
    this.closeIfDone();
    return result;
  }

  /** Hands what comes from now on to `listener`: a finished handshake passes its transport on. */
  adoptListener(listener: TransportListener): void {
    this.listener = listener;
  }

  /** Sends one message. Takes `handles`, whatever the result. */
  transmit(bytes: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): IpczResult {
    if (!this.object.isValid) {
      closeHandles(this.driver, handles);
      return IPCZ_RESULT_INVALID_ARGUMENT;
    }
    const count = handles.length;
    this.busy++;
    const result = this.driver.Transmit(
      this.object.handle,
      bytes,
      numBytes,
      count === 0 ? null : handles,
      count,
      0,
      null,
    );
    this.busy--;
    if (this.closing) this.closeIfDone();
    return result;
  }

  /** Bytes that wait in the transport, as far as the driver can tell. */
  get backlog(): number {
    return this.driver.backlog?.GetTransportBacklog(this.object.handle) ?? 0;
  }

  /** Calls `handler` once at most `numBytes` bytes wait; false, and not, when so few do now or the driver cannot tell. */
  watchBacklog(numBytes: number, handler: () => void): boolean {
    const { backlog } = this.driver;
    const result = backlog?.WatchTransportBacklog(this.object.handle, numBytes, handler);
    return result === IPCZ_RESULT_OK;
  }

  /** Tells the driver that the application rejected something that came by this transport. */
  reportBadActivity(context: IpczContext): void {
    if (this.object.isValid)
      this.driver.ReportBadTransportActivity(this.object.handle, context, 0, null);
  }

  /** Stops delivery: messages that still come are dropped. */
  deactivate(): void {
    if (this.phase !== "active") return;
    this.phase = "deactivating";
    if (this.lent === IPCZ_INVALID_HANDLE) return;
    this.busy++;
    this.driver.DeactivateTransport(this.object.handle, 0, null);
    this.busy--;
    this.closeIfDone();
  }

  /** Deactivates, and closes the driver's handle as soon as the driver has said DEACTIVATED. */
  close(): void {
    this.closing = true;
    this.deactivate();
    this.closeIfDone();
  }

  /** Gives up the handle of a transport that was never activated: it travels, or is somebody else's. */
  release(): DriverObject {
    assert(this.phase === "idle", "a transport in use cannot be given away");
    this.phase = "ended";
    return new DriverObject(this.driver, this.object.release());
  }

  private closeIfDone(): void {
    if (!this.closing || this.busy > 0) return;
    if (this.phase === "idle" || this.phase === "ended") this.object.close();
  }

  private endListening(): void {
    if (this.lent === IPCZ_INVALID_HANDLE) return;
    this.listenerHandles.takeBack(this.lent);
    this.lent = IPCZ_INVALID_HANDLE;
  }

  /** The activity handler: rules N1 to N4 of spec: api 3.5.2, in this order. */
  private readonly handler: IpczTransportActivityHandler = (
    listener,
    data,
    numBytes,
    driverHandles,
    numDriverHandles,
    flags,
    options,
  ) => {
    const handles = listOf(driverHandles, numDriverHandles);
    const ended = (flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0;
    const failed = (flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0;
    const envelope = ended || failed ? IPCZ_INVALID_DRIVER_HANDLE : envelopeOf(options);
    if (listener !== this.lent || listener === IPCZ_INVALID_HANDLE) {
      if (!ended && !failed) this.discard(handles, envelope);
      return IPCZ_RESULT_INVALID_ARGUMENT;
    }
    if (ended) this.endListening();

    if (this.notifying) {
      if (ended) this.nested.push({ kind: "deactivated" });
      else if (failed) this.nested.push({ kind: "error" });
      else this.nested.push(keep(data, numBytes, handles, envelope));
      return IPCZ_RESULT_OK;
    }

    this.notifying = true;
    this.busy++;
    let accepted = true;
    if (ended) this.deliverDeactivated();
    else if (failed) this.deliverError();
    else accepted = this.deliverMessage(data ?? NO_BYTES, numBytes, handles, envelope);
    if (this.nested.length > 0) accepted = this.deliverNested() && accepted;
    this.notifying = false;
    this.busy--;
    this.closeIfDone();
    return accepted ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
  };

  /** As the handler, for messages of a batch where they lie; what is not so common goes the handler's way. */
  private readonly messagesAt = (
    lent: IpczHandle,
    buffer: Uint8Array,
    spans: Int32Array,
    count: number,
  ): number => {
    for (let next = 0; next < count; next++) {
      if (lent === this.lent) next = this.takeMessages(buffer, spans, next, count);
      if (next === REJECTED) return 0;
      if (next === count) break;
      const start = spans[2 * next]!;
      const view = buffer.subarray(start, start + spans[2 * next + 1]!);
      if (this.handler(lent, view, view.length, null, 0, 0, null) !== IPCZ_RESULT_OK) return next;
    }
    return count;
  };

  /** Offers them to the listener from number `first` on: which one it does not take like this, or REJECTED. */
  private takeMessages(
    buffer: Uint8Array,
    spans: Int32Array,
    first: number,
    count: number,
  ): number {
    const listener = this.batchListener;
    const isFree = listener === this.listener && this.phase === "active" && !this.notifying;
    if (!isFree || !listener?.onMessagesAt) return first;
    this.notifying = true;
    this.busy++;
    let next = REJECTED;
    try {
      next = listener.onMessagesAt(buffer, spans, first, count);
    } catch (error) {
      reportUncaught(error);
    }
    if (this.nested.length > 0 && !this.deliverNested()) next = REJECTED;
    this.notifying = false;
    this.busy--;
    this.closeIfDone();
    return next;
  }

  /** A handshake may pass the transport on to another listener in the middle of a batch. */
  private readonly batch: IpczTransportActivityBatch = {
    begin: (lent) => {
      this.batchListener = this.listener;
      this.batchListener?.onBatchBegin?.(lent ?? null);
    },
    end: () => {
      const listener = this.batchListener;
      this.batchListener = null;
      try {
        listener?.onBatchEnd?.();
      } catch (error) {
        reportUncaught(error);
      }
    },
    messages: this.messagesAt,
  };

  private deliverNested(): boolean {
    let accepted = true;
    for (let next = this.nested.shift(); next; next = this.nested.shift())
      switch (next.kind) {
        case "message": {
          const { data, handles, envelope } = next;
          accepted = this.deliverMessage(data, data.length, handles, envelope) && accepted;
          break;
        }
        case "error":
          this.deliverError();
          break;
        case "deactivated":
          this.deliverDeactivated();
          break;
      }
    return accepted;
  }

  private deliverMessage(
    data: Uint8Array,
    numBytes: number,
    handles: readonly IpczDriverHandle[],
    envelope: IpczDriverHandle,
  ): boolean {
    if (this.phase !== "active" || this.listener === null) {
      this.discard(handles, envelope);
      return true;
    }
    let accepted = false;
    try {
      accepted = this.listener.onMessage(data, Math.min(numBytes, data.length), handles);
    } catch (error) {
      reportUncaught(error);
    }
    if (envelope !== IPCZ_INVALID_DRIVER_HANDLE) this.driver.Close(envelope, 0, null);
    return accepted;
  }

  private deliverError(): void {
    if (this.phase !== "active" || this.listener === null) return;
    try {
      this.listener.onError();
    } catch (error) {
      reportUncaught(error);
    }
    this.deactivate();
  }

  private deliverDeactivated(): void {
    this.phase = "ended";
    const listener = this.listener;
    this.listener = null;
    try {
      listener?.onDeactivated();
    } catch (error) {
      reportUncaught(error);
    }
  }

  private discard(handles: readonly IpczDriverHandle[], envelope: IpczDriverHandle): void {
    closeHandles(this.driver, handles);
    if (envelope !== IPCZ_INVALID_DRIVER_HANDLE) this.driver.Close(envelope, 0, null);
  }
}

function listOf(
  handles: readonly IpczDriverHandle[] | null,
  count: number,
): readonly IpczDriverHandle[] {
  if (handles === null || count === 0) return NO_HANDLES;
  return handles.length === count ? handles : handles.slice(0, count);
}

function envelopeOf(options: IpczTransportActivityOptions | null): IpczDriverHandle {
  if (options === null || options.size < IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE)
    return IPCZ_INVALID_DRIVER_HANDLE;
  return options.envelope;
}

function keep(
  data: Uint8Array | null,
  numBytes: number,
  handles: readonly IpczDriverHandle[],
  envelope: IpczDriverHandle,
): Notification {
  return {
    kind: "message",
    data: (data ?? NO_BYTES).slice(0, numBytes),
    handles: [...handles],
    envelope,
  };
}

/**
 * An exception here is a bug of ours (no peer can cause one). The driver above us might swallow it or turn it into a
 * result, so it is thrown again where nobody can: from a microtask, where it ends the process unless told otherwise.
 */
function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
