/**
 * A listener that writes down what it is told, and what it should never have been told: calls within calls, calls after
 * the last one, calls for somebody else.
 */
import {
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityHandler,
  type IpczTransportActivityOptions,
} from "@ipcz/api";

/** One message as it arrived. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczDriverHandle[];
}

/** What a listener needs from its test. */
export interface ListenerHost {
  /** Notes that the test owns this handle now. */
  own(handle: IpczDriverHandle): void;
  /** Closes what came with a message and is of no use. */
  closeEnvelope(handle: IpczDriverHandle): void;
}

/** The listener of one transport. */
export class Listener {
  readonly transport: IpczDriverHandle;
  readonly messages: Received[] = [];
  errorCount = 0;
  deactivatedCount = 0;
  /** Messages that came after an `ERROR`, or after one was refused. */
  messagesAfterFailure = 0;
  /** Rules of the contract that a call broke, in words. */
  readonly broken: string[] = [];

  /** What to answer to a message. */
  onMessage: (message: Received, index: number) => IpczResult = () => IPCZ_RESULT_OK;
  onError: () => void = () => {};
  onDeactivated: () => void = () => {};

  private readonly host: ListenerHost;
  private readonly listener: IpczHandle;
  private depth = 0;
  /** Several calls are under way; false whenever the driver does something else. */
  inBatch = false;
  private failed = false;
  /** What the driver lends for the time of a batch, and the messages of the batch that lie in it. */
  private lent: Uint8Array | null = null;
  private readonly lentMessages: { readonly place: Uint8Array; readonly copy: Uint8Array }[] = [];

  constructor(host: ListenerHost, transport: IpczDriverHandle, listener: IpczHandle) {
    this.host = host;
    this.transport = transport;
    this.listener = listener;
    this.handler = Object.assign(this.call, {
      batch: {
        begin: (lent?: Uint8Array) => this.beginBatch(lent ?? null),
        end: () => this.endBatch(),
        messages: (to: IpczHandle, buffer: Uint8Array, spans: Int32Array, count: number) =>
          this.messagesAt(to, buffer, spans, count),
      },
    });
  }

  private beginBatch(lent: Uint8Array | null): void {
    if (this.inBatch) this.broken.push("a batch within a batch");
    this.inBatch = true;
    this.lent = lent;
    this.lentMessages.length = 0;
  }

  private endBatch(): void {
    if (!this.inBatch) this.broken.push("a batch that ends twice");
    this.inBatch = false;
    for (const { place, copy } of this.lentMessages)
      if (Buffer.compare(place, copy) !== 0) this.broken.push("what is lent changed in the batch");
  }

  private messagesAt(
    listener: IpczHandle,
    buffer: Uint8Array,
    spans: Int32Array,
    count: number,
  ): number {
    if (!this.inBatch) this.broken.push("messages of a batch outside of it");
    if (spans.length < 2 * count) this.broken.push("more messages than places");
    for (let index = 0; index < count; index++) {
      const [start = 0, numBytes = 0] = spans.subarray(2 * index);
      if (start < 0 || numBytes < 0 || start + numBytes > buffer.length)
        this.broken.push("a message that does not lie in its buffer");
      const message = buffer.subarray(start, start + numBytes);
      if (buffer === this.lent) this.lentMessages.push({ place: message, copy: message.slice() });
      const result = this.call(listener, message, message.length, null, 0, 0, null);
      if (result !== IPCZ_RESULT_OK && result !== IPCZ_RESULT_UNIMPLEMENTED) return index;
    }
    return count;
  }

  /** To be given to `ActivateTransport`. */
  readonly handler: IpczTransportActivityHandler;

  private readonly call = (
    listener: IpczHandle,
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
    numDriverHandles: number,
    flags: number,
    options: IpczTransportActivityOptions | null,
  ): IpczResult => {
    if (listener !== this.listener) this.broken.push("called for another listener");
    if (this.depth > 0) this.broken.push("called within a call");
    if (this.deactivatedCount > 0) this.broken.push("called after DEACTIVATED");
    this.depth++;
    try {
      if (flags === 0) {
        if (data === null && numBytes > 0) this.broken.push("bytes announced but not given");
        const handles = (driverHandles ?? []).slice(0, numDriverHandles);
        if (handles.length < numDriverHandles) this.broken.push("handles announced but not given");
        return this.takeMessage(data, numBytes, handles, options);
      }
      if (data !== null || numBytes !== 0 || numDriverHandles !== 0)
        this.broken.push("bytes or handles with ERROR or DEACTIVATED");
      this.takeNews(flags);
      return IPCZ_RESULT_OK;
    } finally {
      this.depth--;
    }
  };

  private takeMessage(
    data: Uint8Array | null,
    numBytes: number,
    handles: readonly IpczDriverHandle[],
    options: IpczTransportActivityOptions | null,
  ): IpczResult {
    // A copy: the bytes are only lent.
    const bytes = new Uint8Array(numBytes);
    if (data !== null) bytes.set(data.subarray(0, numBytes));
    for (const handle of handles) this.host.own(handle);
    if (options !== null && options.size >= IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE)
      this.host.closeEnvelope(options.envelope);
    if (this.failed) this.messagesAfterFailure++;
    const message = { bytes, handles };
    this.messages.push(message);
    const result = this.onMessage(message, this.messages.length - 1);
    if (result !== IPCZ_RESULT_OK) this.failed = true;
    return result;
  }

  private takeNews(flags: number): void {
    if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0) {
      this.deactivatedCount++;
      this.onDeactivated();
    } else if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0) {
      this.errorCount++;
      this.failed = true;
      this.onError();
    } else {
      this.broken.push("unknown flags");
    }
  }

  /** Forgets a refusal that the contract tolerates. */
  forgetFailure(): void {
    this.failed = false;
  }
}
