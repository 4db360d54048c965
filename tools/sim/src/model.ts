/**
 * What the application knows: which end of a route is whose peer, where it is, how much went in and came out.
 *
 * Portals travel only in parcels of routes of a lower level, so that no parcel ever holds itself.
 */
import type { IpczHandle, IpczTransaction } from "@ipcz/api";

/** In an application's hand; in a parcel; closed by the application; merged away; gone with a crash or a parcel. */
export type EndState = "held" | "moving" | "closed" | "merged" | "lost";

/** A trap that was set; it fires once. */
export interface TrapRecord {
  readonly end: number;
  fired: number;
}

/** A two-phase put that was begun. */
export interface PendingPut {
  readonly transaction: IpczTransaction;
  readonly room: Uint8Array;
  readonly bytes: number;
}

/** A two-phase get that was begun; `seen` is a copy of what it showed. */
export interface PendingGet {
  readonly transaction: IpczTransaction;
  readonly data: Uint8Array;
  readonly seen: Uint8Array;
}

/** One end of a route. */
export interface End {
  readonly id: number;
  readonly level: number;
  peer: End | null;
  node: number;
  handle: IpczHandle;
  state: EndState;
  /** Parcels put, and parcels taken out. */
  sent: number;
  got: number;
  readonly puts: PendingPut[];
  get: PendingGet | null;
  readonly overlapped: PendingGet[];
  /** The number of a parcel whose attachments were taken by a get that was aborted; -1: none. */
  stripped: number;
  traps: TrapRecord[];
}

/** All ends, and what has happened to the network. */
export class Model {
  readonly ends: Map<number, End> = new Map<number, End>();
  readonly traps: TrapRecord[] = [];
  /** A crash or a cut took place: routes may be lost. */
  broken = false;
  /** Calls that were refused: routes may be lost, or stay as they are. */
  refusals = 0;
  /** Two brokers lost their link: nobody can introduce them again. */
  brokersApart = false;

  /** Routes may have been lost. */
  get disrupted(): boolean {
    return this.broken || this.refusals > 0;
  }

  /** Routes need not become direct. */
  get relaxed(): boolean {
    return this.brokersApart || this.refusals > 0;
  }

  add(id: number, level: number, node: number, handle: IpczHandle): End {
    const end: End = {
      id,
      level,
      peer: null,
      node,
      handle,
      state: "held",
      sent: 0,
      got: 0,
      puts: [],
      get: null,
      overlapped: [],
      stripped: -1,
      traps: [],
    };
    this.ends.set(id, end);
    return end;
  }

  /** Both ends become each other's peer. */
  join(a: End, b: End): void {
    a.peer = b;
    b.peer = a;
  }

  /** The end of this number if an application holds it. */
  held(id: number): End | null {
    const end = this.ends.get(id);
    return end?.state === "held" ? end : null;
  }

  /** All ends that applications hold, in order of their numbers. */
  allHeld(): End[] {
    return [...this.ends.values()].filter((end) => end.state === "held");
  }

  /** The end leaves the application's hand. */
  leave(end: End, state: EndState): void {
    end.state = state;
    end.puts.length = 0;
    end.overlapped.length = 0;
    end.get = null;
  }
}

/** Nothing is pending: the portal may travel and be merged. */
export function isIdle(end: End): boolean {
  return end.puts.length === 0 && end.overlapped.length === 0 && end.get === null;
}

/** Nothing was ever put into it or taken from it. */
export function isUnused(end: End): boolean {
  return end.sent === 0 && end.got === 0 && end.stripped < 0;
}
