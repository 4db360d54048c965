/**
 * One end of a message pipe: calls that wait for their answers, and requests that are served.
 *
 * A peer that sends what is no message, or answers what nobody asked, loses the pipe.
 */
import type { Box, Portal, Puttable } from "ipcz";
import {
  isQueryVersion,
  queryVersionReply,
  queryVersionRequest,
  readVersion,
  runMethod,
  runOrClosePipeMethod,
} from "./control-message.ts";
import { type ReadHeader, readMessage, writeMessage } from "./message-header.ts";

/** What can be attached to a message: in order, as its payload numbers them. */
export type Attachment = Portal | Box;

/** A received message. */
export interface Message {
  readonly method: number;
  readonly payload: Uint8Array;
  /** The receiver's. */
  readonly handles: readonly Attachment[];
}

/** A request. */
export interface Request extends Message {
  /** Sends the answer, once; null when none is wanted. */
  readonly reply: ((payload: Uint8Array, handles?: readonly Attachment[]) => void) | null;
}

/** Serves requests; false for a method that it does not have, which ends the pipe. */
export type RequestHandler = (request: Request) => boolean;

/** Why a call has no answer. */
export class PipeClosedError extends Error {
  override readonly name = "PipeClosedError";
}

interface Waiting {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** Owns a portal. */
export class MojoEndpoint {
  /** Resolves when the pipe has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #portal: Portal;
  readonly #handler: RequestHandler;
  readonly #waiting = new Map<bigint, Waiting>();
  #nextRequest = 1n;
  #closed = false;

  /** Takes the portal. Without a handler every request ends the pipe, save the question for the version. */
  constructor(portal: Portal, handler: RequestHandler = () => false) {
    this.#portal = portal;
    this.#handler = handler;
    this.ended = this.#listen();
  }

  /** Calls a method, and resolves to its answer. */
  call(method: number, payload: Uint8Array, handles: readonly Attachment[] = []): Promise<Message> {
    return new Promise((resolve, reject) => {
      const requestId = this.#nextRequest++;
      if (this.#closed) {
        reject(new PipeClosedError("the pipe has ended"));
        return;
      }
      this.#waiting.set(requestId, { resolve, reject });
      const header = { interfaceId: 0, method, expectsReply: true, isReply: false, requestId };
      try {
        this.#portal.put(parcel(writeMessage(header, payload), handles));
      } catch (error) {
        this.#waiting.delete(requestId);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Calls a method that has no answer. */
  send(method: number, payload: Uint8Array, handles: readonly Attachment[] = []): void {
    const header = { interfaceId: 0, method, expectsReply: false, isReply: false, requestId: 0n };
    this.#portal.put(parcel(writeMessage(header, payload), handles));
  }

  /** Asks for the version of the interface at the other end, which every interface answers. */
  async queryVersion(): Promise<number> {
    const { payload } = await this.call(runMethod, queryVersionRequest());
    const version = readVersion(payload);
    if (version === null) throw new Error("the answer to QueryVersion is malformed");
    return version;
  }

  /** Ends the pipe; calls that wait are rejected. When it has ended, nothing happens. */
  close(): void {
    this.#end("the pipe was closed here");
  }

  async #listen(): Promise<void> {
    for await (const { bytes, handles } of this.#portal) {
      if (this.#closed) {
        closeAll(handles);
      } else if (!this.#accept(bytes, handles)) {
        closeAll(handles);
        this.#end("the peer has sent what it must not");
        return;
      }
    }
    this.#end("the peer has closed the pipe");
  }

  /** False, with the handles untouched, when no honest peer sends that. */
  #accept(bytes: Uint8Array, handles: readonly Attachment[]): boolean {
    const header = readMessage(bytes);
    if (header === null) return false;
    const { method, payloadStart, isReply, requestId } = header;
    const message = { method, payload: bytes.subarray(payloadStart), handles };
    if (!isReply) return this.#serve(header, message);
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    waiting?.resolve(message);
    return waiting !== undefined;
  }

  #serve(header: ReadHeader, message: Message): boolean {
    if (header.method === runOrClosePipeMethod) return true;
    if (header.method === runMethod) return this.#serveControl(header, message);
    const reply = header.expectsReply
      ? (payload: Uint8Array, handles: readonly Attachment[] = []): void =>
          this.#reply(header, payload, handles)
      : null;
    return this.#handler({ ...message, reply });
  }

  #serveControl(header: ReadHeader, { payload }: Message): boolean {
    if (!header.expectsReply || !isQueryVersion(payload)) return false;
    this.#reply(header, queryVersionReply(0), []);
    return true;
  }

  #reply(request: ReadHeader, payload: Uint8Array, handles: readonly Attachment[]): void {
    if (this.#closed || this.#portal.status.peerClosed) {
      closeAll(handles);
      return;
    }
    const { interfaceId, method, requestId } = request;
    const header = { interfaceId, method, expectsReply: false, isReply: true, requestId };
    this.#portal.put(parcel(writeMessage(header, payload), handles));
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#portal.close();
    for (const { reject } of this.#waiting.values()) reject(new PipeClosedError(why));
    this.#waiting.clear();
  }
}

function parcel(bytes: Uint8Array, handles: readonly Attachment[]): Puttable {
  return handles.length === 0 ? bytes : { bytes, handles };
}

function closeAll(handles: readonly Attachment[]): void {
  for (const handle of handles) handle.close();
}
