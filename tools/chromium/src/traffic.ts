/**
 * What is exchanged with Chromium: messages by id and direction, and where the data of parcels is.
 */
import {
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriverHandle,
  type IpczTransportActivityBatch,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import {
  decodeDriverObjects,
  decodeHeader,
  decodeParams,
  describe,
  messageById,
  NO_BUFFER,
} from "@ipcz/core/wire";
import type { PosixDriver } from "@ipcz/driver-posix";

/** As this process sees it. */
export type Direction = "sent" | "received";

/** Counts, which can be added up. */
export interface TrafficCounts {
  /** By "sent 20" or "received 20". */
  readonly messages: Readonly<Record<string, number>>;
  /** Parcels with data in shared memory, by direction; and those with data in the message. */
  readonly parcels: Readonly<Record<string, number>>;
  /** Features that greetings have announced, by direction: the words. */
  readonly features: Readonly<Record<string, readonly string[]>>;
}

const parcelId = 20;
/** Between a broker and another node. */
const greetingIds: ReadonlySet<number> = new Set([0, 1]);
const handlesMax = 65_535;

/** Counts the messages of a driver. */
export class Traffic {
  readonly messages: Map<string, number> = new Map<string, number>();
  readonly parcels: Map<string, number> = new Map<string, number>();
  readonly features: Map<string, string[]> = new Map<string, string[]>();
  readonly #log: ((line: string) => void) | null;
  /** By driver: transports between nodes of ours. */
  readonly #own = new WeakMap<PosixDriver, Set<IpczDriverHandle>>();

  /** `log` receives a line for each message. */
  constructor(log: ((line: string) => void) | null = null) {
    this.#log = log;
  }

  /** How many messages of that name went in that direction. */
  count(direction: Direction, name: string): number {
    let total = 0;
    for (const [key, count] of this.messages) {
      const [way, id] = key.split(" ");
      if (way === direction && messageById(Number(id))?.name === name) total += count;
    }
    return total;
  }

  /** How many parcels had their data in shared memory ("fragment") or in the message ("inline"). */
  parcelsIn(direction: Direction, place: "fragment" | "inline"): number {
    return this.parcels.get(`${direction} ${place}`) ?? 0;
  }

  /** Adds what somebody else has counted. */
  add({ messages, parcels }: TrafficCounts): void {
    for (const [key, count] of Object.entries(messages)) add(this.messages, key, count);
    for (const [key, count] of Object.entries(parcels)) add(this.parcels, key, count);
  }

  get counts(): TrafficCounts {
    return {
      messages: Object.fromEntries(this.messages),
      parcels: Object.fromEntries(this.parcels),
      features: Object.fromEntries(this.features),
    };
  }

  /** Messages over a transport of a watched driver are not counted: it leads to a node of ours. */
  exclude(driver: PosixDriver, transport: IpczDriverHandle): void {
    this.#own.get(driver)?.add(transport);
  }

  /** The same driver, whose messages are counted. */
  watch(posix: PosixDriver): PosixDriver {
    const own = new Set<IpczDriverHandle>();
    const watched: PosixDriver = {
      ...posix,
      Transmit: (transport, data, numBytes, ...rest) => {
        if (data && !own.has(transport)) this.#note("sent", data.subarray(0, numBytes));
        return posix.Transmit(transport, data, numBytes, ...rest);
      },
      ActivateTransport: (transport, listener, handler, flags, options) => {
        const hearing = own.has(transport) ? handler : this.#listen(handler);
        return posix.ActivateTransport(transport, listener, hearing, flags, options);
      },
    };
    this.#own.set(watched, own);
    return watched;
  }

  #listen(handler: IpczTransportActivityHandler): IpczTransportActivityHandler {
    const ends = IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED | IPCZ_TRANSPORT_ACTIVITY_ERROR;
    const watched: IpczTransportActivityHandler = (
      listener,
      data,
      numBytes,
      handles,
      count,
      flags,
      options,
    ) => {
      if (data && (flags & ends) === 0) this.#note("received", data.subarray(0, numBytes));
      return handler(listener, data, numBytes, handles, count, flags, options);
    };
    const { batch } = handler;
    return batch ? Object.assign(watched, { batch: this.#listenIn(batch) }) : watched;
  }

  /** Messages of a batch may be told of where they lie. */
  #listenIn(batch: IpczTransportActivityBatch): IpczTransportActivityBatch {
    return {
      begin: () => batch.begin(),
      end: () => batch.end(),
      ...(batch.messages && {
        messages: (listener, buffer, spans, count) => {
          for (let index = 0; index < count; index++) {
            const [start = 0, numBytes = 0] = spans.subarray(2 * index);
            this.#note("received", buffer.subarray(start, start + numBytes));
          }
          return batch.messages?.(listener, buffer, spans, count) ?? 0;
        },
      }),
    };
  }

  #note(direction: Direction, bytes: Uint8Array): void {
    const header = decodeHeader(bytes, bytes.length);
    if (!header) return;
    add(this.messages, `${direction} ${header.messageId}`);
    if (header.messageId === parcelId) this.#noteParcel(direction, bytes);
    else if (greetingIds.has(header.messageId)) this.#noteFeatures(direction, bytes);
    this.#log?.(`${direction === "sent" ? ">" : "<"} ${describe(bytes)}`);
  }

  #noteParcel(direction: Direction, bytes: Uint8Array): void {
    const values = paramsOf(bytes);
    const fragment = values?.["parcelFragment"];
    const data = values?.["parcelData"];
    const hasFragment =
      typeof fragment === "object" &&
      fragment !== null &&
      "bufferId" in fragment &&
      fragment.bufferId !== NO_BUFFER;
    if (hasFragment) add(this.parcels, `${direction} fragment`);
    else if (data instanceof Uint8Array && data.length > 0)
      add(this.parcels, `${direction} inline`);
  }

  #noteFeatures(direction: Direction, bytes: Uint8Array): void {
    const values = paramsOf(bytes);
    const words = values?.["features"];
    if (!Array.isArray(words) && !ArrayBuffer.isView(words)) return;
    this.features.set(direction, Array.from(words as ArrayLike<unknown>, String));
  }
}

function paramsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  const header = decodeHeader(bytes, bytes.length);
  const message = header && messageById(header.messageId);
  if (!header || !message) return null;
  const objects = decodeDriverObjects(bytes, bytes.length, header, handlesMax);
  return objects && decodeParams(message.schema, bytes, bytes.length, header.size, objects.length);
}

function add(counts: Map<string, number>, key: string, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
