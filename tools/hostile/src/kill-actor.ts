/**
 * What a node of a cast does: it sends portals on their ways, passes on what is not for it, and talks over those that
 * have arrived, with parcels of many sizes.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { close, connect, get, must, openPortals, put } from "./calls.ts";
import type { Cast } from "./kill-casts.ts";

/** Portals sent on each way. */
const PORTALS_PER_WAY = 2;
/** Parcels over a pair of portals when both ends are where they belong. */
const TALK_PARCELS = 6;
const SIZES = [16, 300, 3000, 9000];
const PROBE = 255;

/** One end of a pair that went on a way. */
export interface End {
  readonly portal: IpczHandle;
  /** Parcels still to come. */
  left: number;
  /** A probe of the other end's has come. */
  heard: boolean;
}

export class Actor {
  readonly name: string;
  readonly node: IpczHandle;
  /** Portals to the neighbours, by their names. */
  readonly bonds: Map<string, IpczHandle> = new Map();
  /** Ends of pairs, by a name that both ends have: those that stayed, and those that arrived here. */
  readonly kept: Map<string, End> = new Map();
  readonly held: Map<string, End> = new Map();
  private readonly cast: Cast;

  constructor(cast: Cast, name: string, node: IpczHandle) {
    this.cast = cast;
    this.name = name;
    this.node = node;
  }

  /** Connects; `transports` are those of this node's bonds, in the order of the cast. */
  connect(transports: readonly IpczDriverHandle[]): void {
    const bonds = this.cast.bonds.filter(({ ends }) => ends.includes(this.name));
    for (const [index, { ends, flags }] of bonds.entries()) {
      const side = ends[0] === this.name ? 0 : 1;
      const transport = transports[index];
      must(transport !== undefined, "each bond has a transport");
      const [portal] = connect(this.node, transport, 1, flags[side]);
      if (portal !== undefined) this.bonds.set(ends[1 - side] ?? "", portal);
    }
  }

  /** The portal to the node by way of which this one inherits its broker; undefined: there is none. */
  get uplink(): IpczHandle | undefined {
    const bond = this.cast.bonds.find(
      ({ ends, flags }) => ends[1] === this.name && flags[1] === IPCZ_CONNECT_NODE_INHERIT_BROKER,
    );
    return bond && this.bonds.get(bond.ends[0]);
  }

  /** Sends the portals whose ways begin here. */
  begin(): void {
    for (const [way, nodes] of this.cast.ways.entries()) {
      if (nodes[0] !== this.name) continue;
      for (let number = 0; number < PORTALS_PER_WAY; number++) {
        const [kept, sent] = openPortals(this.node);
        this.kept.set(`${way}/${number}`, { portal: kept, left: TALK_PARCELS / 2, heard: false });
        put(kept, Uint8Array.of(TALK_PARCELS));
        this.pass(way, number, 0, sent);
      }
    }
  }

  /** Reads whatever there is, and answers. */
  step(): void {
    for (const portal of this.bonds.values())
      for (let got = get(portal); got.result === 0; got = get(portal)) {
        const [way = 0, number = 0, hop = 0] = got.bytes;
        for (const handle of got.handles) this.pass(way, number, hop, handle);
      }
    for (const ends of [this.kept, this.held]) for (const end of ends.values()) this.talk(end);
  }

  /** Something that the other ends hear, if they are there. */
  probe(): void {
    for (const ends of [this.kept, this.held])
      for (const { portal } of ends.values()) put(portal, Uint8Array.of(PROBE));
  }

  /** Every portal has come to the end of its way, and everything was said. */
  get isDone(): boolean {
    const ending = this.cast.ways.filter((nodes) => nodes.at(-1) === this.name).length;
    const all = [...this.kept.values(), ...this.held.values()];
    return this.held.size === ending * PORTALS_PER_WAY && all.every(({ left }) => left <= 0);
  }

  close(): void {
    for (const { portal } of [...this.kept.values(), ...this.held.values()]) close(portal);
    for (const portal of this.bonds.values()) close(portal);
  }

  /** `portal` is at hop `hop` of its way, that is here: it goes on, or stays. */
  private pass(way: number, number: number, hop: number, portal: IpczHandle): void {
    const next = this.cast.ways[way]?.[hop + 1];
    if (next === undefined) {
      this.held.set(`${way}/${number}`, { portal, left: TALK_PARCELS / 2, heard: false });
      return;
    }
    const bond = this.bonds.get(next);
    if (bond === undefined || put(bond, Uint8Array.of(way, number, hop + 1), [portal]) !== 0)
      close(portal);
  }

  private talk(end: End): void {
    for (let got = get(end.portal); got.result === 0; got = get(end.portal)) {
      const [left = 0] = got.bytes;
      if (left === PROBE) end.heard = true;
      else end.left--;
      if (left === PROBE || left <= 1) continue;
      const parcel = new Uint8Array(SIZES[left % SIZES.length] ?? 1);
      parcel[0] = left - 1;
      put(end.portal, parcel);
    }
  }
}
