/**
 * Portal pairs between two processes, in bulk: several parcels of portals on their way at a time, a bounded number of
 * portals not yet confirmed.
 */
import type { IpczHandle } from "@ipcz/api";
import { close, openPair } from "../contestants/ipcz/api.ts";
import type { Reply } from "../contestants/ipcz/control.ts";
import type { Member } from "../contestants/ipcz/network.ts";

/** Portals of one parcel. */
const PARCEL_PORTALS = 50;
/** Portals that are confirmed at once, and how many such lots may be on their way. */
const LOT_PORTALS = 1000;
const LOTS_AHEAD = 3;

/** The near ends of pairs whose far ends are elsewhere. Handles are numbers, kept outside of the heap. */
export class Pairs {
  private readonly handles: Float64Array;
  private count = 0;

  constructor(capacity: number) {
    this.handles = new Float64Array(capacity);
  }

  add(handle: IpczHandle): void {
    this.handles[this.count++] = handle;
  }

  /** Closes them here and there; resolves when both nodes know of all. */
  async close({ calls }: Member): Promise<void> {
    for (let index = 0; index < this.count; index++) close(this.handles[index] as IpczHandle);
    this.count = 0;
    await calls.call({ call: "close" });
  }
}

/**
 * Makes `count` pairs and sends one end of each. `call` says what the far process does with it; `onNear` gets the other
 * end as soon as its peer is on its way.
 */
export async function sendPairs(
  node: IpczHandle,
  member: Member,
  count: number,
  call: "keep" | "firsts",
  onNear: (handle: IpczHandle) => void,
): Promise<void> {
  const ahead: Promise<Reply>[] = [];
  for (let sent = 0; sent < count; sent += LOT_PORTALS) {
    if (ahead.length === LOTS_AHEAD) await ahead.shift();
    const lot = Math.min(LOT_PORTALS, count - sent);
    ahead.push(member.calls.call({ call, count: lot }));
    sendLot(node, member, lot, onNear);
  }
  await Promise.all(ahead);
}

function sendLot(
  node: IpczHandle,
  { calls }: Member,
  count: number,
  onNear: (handle: IpczHandle) => void,
): void {
  for (let sent = 0; sent < count; sent += PARCEL_PORTALS) {
    const here: IpczHandle[] = [];
    const there: IpczHandle[] = [];
    for (let index = sent; index < Math.min(sent + PARCEL_PORTALS, count); index++) {
      const [near, far] = openPair(node);
      here.push(near);
      there.push(far);
    }
    calls.send({ call: "more" }, there);
    here.forEach(onNear);
  }
}
