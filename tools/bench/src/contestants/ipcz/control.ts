/**
 * Calls from the near process to a far one, over a portal: JSON and handles there, JSON back, in order.
 */
import { type IpczHandle, IPCZ_RESULT_NOT_FOUND } from "@ipcz/api";
import type { Memory } from "../../portals/memory.ts";
import { listen, put, take } from "./api.ts";

/** What a far process can be told to do with portals. */
export type Call =
  /** Keeps the portals of this parcel and of the next ones; answered when there are `count`. */
  | { readonly call: "keep"; readonly count: number }
  /** As keep, but answered when one parcel has come through each; then they are closed. */
  | { readonly call: "firsts"; readonly count: number }
  /** Belongs to the call before. */
  | { readonly call: "more" }
  /** Closes all that are kept. */
  | { readonly call: "close" }
  /** Answered with the memory in use. */
  | { readonly call: "memory" }
  /** The portal of this parcel leads to another far process, which takes calls on it. */
  | { readonly call: "next" }
  /** Takes calls on the portal of this parcel too. */
  | { readonly call: "obey" }
  /** Passes the portal of this parcel on to the next process, `hops` more times; the last serves messages on it. */
  | { readonly call: "pass"; readonly hops: number };

/** Answer to every call; memory only where asked for. */
export interface Reply {
  readonly memory?: Memory;
}

/** The near end. */
export class Caller {
  private readonly portal: IpczHandle;
  private readonly waiting: ((reply: Reply) => void)[] = [];

  constructor(portal: IpczHandle) {
    this.portal = portal;
    listen(portal, () => this.drain());
  }

  call(call: Call, handles: readonly IpczHandle[] = []): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => {
      this.waiting.push(resolve);
    });
    this.send(call, handles);
    return reply;
  }

  /** For what is not answered by itself. */
  send(call: Call, handles: readonly IpczHandle[]): void {
    put(this.portal, pack(call), handles);
  }

  private drain(): boolean {
    for (let taken = take(this.portal); ; taken = take(this.portal)) {
      if (typeof taken === "number") return taken !== IPCZ_RESULT_NOT_FOUND;
      this.waiting.shift()?.(unpack(taken.bytes) as Reply);
    }
  }
}

/** The far end: `obey` does what is called for; `reply` may be called later, in the order of the calls. */
export function answerCalls(
  portal: IpczHandle,
  obey: (call: Call, handles: IpczHandle[], reply: (reply: Reply) => void) => void,
): void {
  const reply = (what: Reply): void => put(portal, pack(what), []);
  listen(portal, () => {
    for (let taken = take(portal); ; taken = take(portal)) {
      if (typeof taken === "number") return taken !== IPCZ_RESULT_NOT_FOUND;
      obey(unpack(taken.bytes) as Call, taken.handles, reply);
    }
  });
}

function pack(value: Call | Reply): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function unpack(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
