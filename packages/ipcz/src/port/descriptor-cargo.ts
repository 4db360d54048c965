/**
 * Files and sockets as cargo: their descriptors go along, and are closed here.
 *
 * Node makes a socket of a descriptor, but no `FileHandle`: a file arrives as a `ReceivedFile`.
 */
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { IPCZ_NO_FLAGS, IPCZ_UNBOX_PEEK, type IpczHandle } from "@ipcz/api";
import { isFileHandle, transferOnly } from "../clone/classify.ts";
import { dataCloneError } from "../clone/data-clone-error.ts";
import type { Context } from "../objects/context.ts";
import { boxTypeOf, unbox } from "../objects/unbox.ts";
import type { Arrival, Departure, Origin } from "./cargo.ts";
import { TransferKind } from "./message-format.ts";

/** A file that was transferred: a descriptor of this process, for the functions of `node:fs`. */
export class ReceivedFile {
  #fd: number;

  /** @internal Takes the descriptor. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The descriptor, still owned by this object; -1 when it is closed. */
  get fd(): number {
    return this.#fd;
  }

  /** Gives the descriptor away, to be closed by the caller. */
  release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return fd;
  }

  /** Closes the descriptor. When it was closed or released before, nothing happens. */
  close(): void {
    const fd = this.release();
    if (fd >= 0) closeSync(fd);
  }

  /** As {@link ReceivedFile.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

Object.defineProperty(ReceivedFile.prototype, transferOnly, { value: true });

/** The departure of a file or a socket; null: it is neither. */
export function departureOfDescriptor(item: object, { context }: Origin): Departure | null {
  if (item instanceof Socket)
    return departureOf(context, TransferKind.socket, item, socketDescriptor(item), () => {
      item.destroy();
    });
  if (item instanceof ReceivedFile)
    return departureOf(context, TransferKind.file, item, item.fd, () => item.close());
  if (isFileHandle(item))
    return departureOf(context, TransferKind.file, item, item.fd, () => {
      // Whoever has the other copy knows nothing of this one.
      item.close().catch(ignore);
    });
  return null;
}

function departureOf(
  context: Context,
  kind: TransferKind,
  object: object,
  descriptor: number,
  leave: () => void,
): Departure {
  if (descriptor < 0) throw dataCloneError("A file or socket in the transfer list is closed");
  let box: IpczHandle;
  try {
    // A copy: should the message not be sent, the original is as it was.
    box = context.boxDescriptor(descriptor);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw dataCloneError(`A file or socket in the transfer list cannot be sent: ${why}`);
  }
  return {
    kind,
    object,
    wait: null,
    handles: [box],
    leave,
    cancel: () => void context.api.Close(box, IPCZ_NO_FLAGS, null),
  };
}

/** The file or socket that came in a box; takes the box unless it throws. */
export function arrivalOfDescriptor(
  kind: TransferKind,
  box: IpczHandle,
  { api, driver }: Context,
): Arrival {
  const { releaseDescriptor } = driver;
  const type = boxTypeOf(unbox(api, box, IPCZ_UNBOX_PEEK), driver);
  if (type !== "descriptor" || !releaseDescriptor)
    throw new TypeError("what came for a descriptor is none");
  const fd = releaseDescriptor.call(driver, unbox(api, box, IPCZ_NO_FLAGS).driverObject);
  if (kind === TransferKind.file) {
    const file = new ReceivedFile(fd);
    return { object: file, discard: () => file.close() };
  }
  return arrivalOfSocket(fd);
}

/** What comes as a socket and is none arrives as a socket that has failed. */
function arrivalOfSocket(fd: number): Arrival {
  let socket: Socket;
  try {
    socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: false });
  } catch (error) {
    closeSync(fd);
    socket = new Socket();
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }
  return { object: socket, discard: () => void socket.destroy() };
}

/** The descriptor of a socket that has nothing in its buffers; throws for others. */
function socketDescriptor(socket: Socket): number {
  if (socket instanceof TLSSocket)
    throw dataCloneError("A TLS socket has secrets that do not travel with its descriptor");
  if (socket.connecting || socket.writableLength > 0 || socket.readableLength > 0)
    throw dataCloneError(
      "A socket in the transfer list is connecting, or has unread or unsent bytes",
    );
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return -1;
  const fd: unknown = Reflect.get(handle, "fd");
  if (typeof fd === "number" && fd >= 0) return fd;
  throw dataCloneError("A socket in the transfer list has no descriptor; on Windows none has");
}

function ignore(): void {
  // It is closed one way or the other.
}
