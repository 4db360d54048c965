/**
 * One end of a pipe, apart from whether it is in use: what it is to the other end, and, while both are in this process,
 * what is on its way to it.
 *
 * An end goes with its handle when it moves within the process. When it leaves, the end that stays learns of it: from
 * now on it has to do with the process that it went to.
 */
import { WinHandle } from "./handle.ts";
import { ownRelation, sameRemote, type Relation } from "./relation.ts";

/** Something on its way to an end. */
export interface OnItsWay {
  close(): void;
}

/** One end. */
export class PipeEnd {
  relation: Relation;
  /** The other end, while it is in this process. */
  private other: PipeEnd | null = null;
  /** Sent to this end, and not yet claimed. */
  private readonly crate = new Set<OnItsWay>();
  private closed = false;

  constructor(relation: Relation) {
    this.relation = relation;
  }

  /** Two ends in this process. */
  static pair(first: Relation, second: Relation): [PipeEnd, PipeEnd] {
    const ends: [PipeEnd, PipeEnd] = [new PipeEnd(first), new PipeEnd(second)];
    if (first.remote === "own" && second.remote === "own") {
      ends[0].other = ends[1];
      ends[1].other = ends[0];
    }
    return ends;
  }

  /** The other end is in this process, and will not be read any more. */
  get isDeserted(): boolean {
    return this.other?.closed ?? false;
  }

  /** Nothing is on its way to this end that would be lost by leaving. */
  get mayLeave(): boolean {
    return this.crate.size === 0;
  }

  /** Something is sent to the other end; it is closed with it unless it is claimed before. */
  send(item: OnItsWay): void {
    this.other?.crate.add(item);
  }

  /** Something has arrived, or will not any more. */
  unload(item: OnItsWay): void {
    this.other?.crate.delete(item);
  }

  /** This end goes to the process behind `carrier`, and the other stays. */
  leave(carrier: Relation): void {
    const { other } = this;
    this.other = null;
    if (other?.relation.remote === "own") {
      other.relation = { ...carrier, remote: sameRemote(carrier.remote) };
      other.other = null;
    }
    this.forget();
  }

  /** It is in use no more: what was on its way to it never arrives. */
  close(): void {
    this.closed = true;
    for (const item of this.crate) item.close();
    this.crate.clear();
    this.forget();
  }

  private forget(): void {
    if (this.relation.remote instanceof WinHandle) this.relation.remote.close();
  }
}

/** Two ends that know nothing but that they are both here. */
export function localEnds(pid: number): [PipeEnd, PipeEnd] {
  return PipeEnd.pair(ownRelation(pid), ownRelation(pid));
}
