/**
 * Web streams as cargo: a pair of ports between what reads here and what writes there.
 *
 * The receiving end says how many chunks it has room for, and no more are on their way. A stream of either kind is made
 * of one that is read and sent, and one that is received; only the ends differ.
 */
import { IPCZ_NO_FLAGS, type IpczHandle } from "@ipcz/api";
import { dataCloneError } from "../clone/data-clone-error.ts";
import type { Context } from "../objects/context.ts";
import type { Arrival, Departure, Origin, PortLike } from "./cargo.ts";
import { TransferKind } from "./message-format.ts";

/** Chunks that may be on their way or unread. */
const chunksMax = 16;

type Message =
  /** To the sender: room for so many more chunks. */
  | { readonly type: "pull"; readonly count: number }
  /** To the sender: nobody reads any more. */
  | { readonly type: "cancel"; readonly reason: unknown }
  | { readonly type: "chunk"; readonly chunk: unknown }
  | { readonly type: "close" }
  | { readonly type: "error"; readonly reason: unknown };

/** Makes a port of a portal's handle. */
export type OpenPort = (context: Context, handle: IpczHandle) => PortLike;

/** The departure of a web stream; null: it is none. */
export function departureOfStream(
  item: object,
  { context }: Origin,
  open: OpenPort,
): Departure | null {
  const isTransform = item instanceof TransformStream;
  const readable = isTransform ? item.readable : item instanceof ReadableStream ? item : null;
  const writable = isTransform ? item.writable : item instanceof WritableStream ? item : null;
  if (readable === null && writable === null) return null;
  if (readable?.locked === true || writable?.locked === true)
    throw dataCloneError("A stream in the transfer list is locked");
  const lines: { readonly near: IpczHandle; readonly far: IpczHandle }[] = [];
  for (const each of [readable, writable]) {
    if (each === null) continue;
    const [near, far] = context.openPair();
    lines.push({ near, far });
  }
  const leave = (): void => {
    const ports = lines.map(({ near }) => open(context, near));
    const [first, second = first] = ports;
    if (readable && first) sendStream(first, readable);
    // What goes wrong with the target is told to the other side by its own stream.
    if (writable && second) receiveStream(second).pipeTo(writable).catch(ignore);
  };
  const cancel = (): void => {
    for (const { near, far } of lines)
      for (const handle of [near, far]) context.api.Close(handle, IPCZ_NO_FLAGS, null);
  };
  const kind = isTransform
    ? TransferKind.transform
    : readable
      ? TransferKind.readable
      : TransferKind.writable;
  return { kind, object: item, wait: null, handles: lines.map(({ far }) => far), leave, cancel };
}

/** The stream for what `kind` says; takes the handles. */
export function arrivalOfStream(
  kind: TransferKind,
  handles: readonly IpczHandle[],
  context: Context,
  open: OpenPort,
): Arrival {
  const ports = handles.map((handle) => open(context, handle));
  const discard = (): void => {
    for (const port of ports) port.close();
  };
  const [first, second] = ports;
  if (!first) throw new RangeError("a stream takes a port");
  if (kind === TransferKind.readable) return { object: receiveStream(first), discard };
  if (kind === TransferKind.writable) return { object: writableTo(first), discard };
  if (!second) throw new RangeError("a transform stream takes two ports");
  // The platform lets nobody make one of two streams.
  const object: object = {};
  Object.setPrototypeOf(object, TransformStream.prototype);
  Object.defineProperty(object, "readable", { value: receiveStream(first), enumerable: true });
  Object.defineProperty(object, "writable", { value: writableTo(second), enumerable: true });
  return { object, discard };
}

function writableTo(port: PortLike): WritableStream {
  const { readable, writable } = new TransformStream<unknown, unknown>();
  sendStream(port, readable);
  return writable;
}

/** Sends what `stream` yields, as far as the other end has room. */
function sendStream(port: PortLike, stream: ReadableStream): void {
  const reader = stream.getReader();
  let room = 0;
  let busy = false;
  let over = false;
  const isOver = (): boolean => over;
  const finish = (last: Message | null): void => {
    if (over) return;
    over = true;
    if (last) post(port, last);
    port.close();
  };
  const pump = async (): Promise<void> => {
    while (room > 0 && !isOver()) {
      // oxlint-disable-next-line no-await-in-loop -- chunk after chunk
      const result: { readonly done: boolean; readonly value: unknown } = await reader.read();
      if (result.done) finish({ type: "close" });
      else {
        room--;
        port.postMessage({ type: "chunk", chunk: result.value } satisfies Message);
      }
    }
  };
  const fail = (reason: unknown): void => {
    finish({ type: "error", reason });
    reader.cancel(reason).catch(ignore);
  };
  port.on("message", (data) => {
    const message = messageOf(data);
    if (message?.type === "cancel") {
      finish(null);
      reader.cancel(message.reason).catch(ignore);
    }
    if (message?.type !== "pull" || !(message.count > 0)) return;
    room += message.count;
    if (busy) return;
    busy = true;
    pump()
      .catch(fail)
      .finally(() => (busy = false));
  });
  port.on("messageerror", fail);
  port.on("close", () => {
    if (over) return;
    over = true;
    reader.cancel(new Error("the process that reads the stream is gone")).catch(ignore);
  });
}

/** The stream that the other end sends. */
function receiveStream(port: PortLike): ReadableStream {
  let over = false;
  /** Chunks that were asked for and have not come. */
  let owed = 0;
  const pull = ({ desiredSize }: ReadableStreamDefaultController<unknown>): void => {
    const count = (desiredSize ?? 0) - owed;
    // Several at a time, so that not each chunk is answered by a message.
    if (over || count < chunksMax / 2) return;
    owed += count;
    post(port, { type: "pull", count });
  };
  return new ReadableStream<unknown>(
    {
      start: (controller) => {
        const fail = (reason: unknown): void => {
          if (over) return;
          over = true;
          controller.error(reason);
          port.close();
        };
        port.on("message", (data) => {
          const message = messageOf(data);
          if (over || message === null) return;
          if (message.type === "chunk") {
            if (--owed < 0) fail(new Error("the sender of a stream does not wait for room"));
            else controller.enqueue(message.chunk);
          } else if (message.type === "error") fail(message.reason);
          else if (message.type === "close") {
            over = true;
            controller.close();
            port.close();
          }
        });
        port.on("messageerror", fail);
        port.on("close", () => fail(new Error("the process that sends the stream is gone")));
      },
      pull,
      cancel: (reason) => {
        over = true;
        post(port, { type: "cancel", reason: reason as unknown });
        port.close();
      },
    },
    { highWaterMark: chunksMax },
  );
}

/** What a peer has sent; null: nothing that is known. */
function messageOf(data: unknown): Message | null {
  if (typeof data !== "object" || data === null || !("type" in data)) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at by its type, then with care
  return data as Message;
}

/** Posts; a reason that cannot travel is told as text. */
function post(port: PortLike, message: Message): void {
  try {
    port.postMessage(message);
  } catch {
    const reason = "reason" in message ? new Error(String(message.reason)) : null;
    port.postMessage({ ...message, reason });
  }
}

function ignore(): void {
  // Whoever has the other end is told by the protocol.
}
