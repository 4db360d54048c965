/**
 * A connection between two nodes as the recorder knows it: its two ends, who has them, what is on its way, and the
 * memory that belongs to it.
 *
 * Ends travel (a broker makes both ends of a link between two others), so who sent what to whom is only known when each
 * end has arrived where it stays; `owner` is read when the replay is over.
 */

/** Memory that some driver allocated; `bytes` is a view of the recorder's own. */
export interface Region {
  readonly bytes: Uint8Array;
}

/** What a message carries besides bytes. */
export type Carried =
  | { readonly kind: "transport"; readonly end: LineEnd }
  | { readonly kind: "memory"; readonly region: Region };

/** A piece of a link's memory, and every content it had while the message it was noted for was on its way. */
export interface Watch {
  readonly line: Line;
  readonly bufferId: bigint;
  readonly offset: number;
  readonly size: number;
  readonly seen: Set<string>;
}

/** One message, as it was given to the driver. */
export interface SentFrame {
  readonly kind: "frame";
  readonly end: LineEnd;
  readonly bytes: Uint8Array;
  readonly carried: readonly Carried[];
  /** Withheld from the receiver by the story. */
  dropped: boolean;
  /** The parcel's data in shared memory when it was sent. */
  fragment: Watch | null;
  readonly linkStates: Watch[];
  readonly linkState0: Watch;
}

/** The end of a connection. */
export interface Closing {
  readonly kind: "closing";
  readonly end: LineEnd;
}

/** What happens on lines, in order. */
export type Happening = SentFrame | Closing;

/** One end of a connection. */
export class LineEnd {
  readonly line: Line;
  readonly index: 0 | 1;
  /** Label of the node whose driver has it, or had it last. */
  owner: string;
  active = false;
  closed = false;
  /** The driver said that nothing more will come. */
  told = false;
  /** On their way here, oldest first. */
  readonly incoming: SentFrame[] = [];
  /** Sends what the story holds back. */
  readonly heldBack: (() => void)[] = [];

  constructor(line: Line, index: 0 | 1, owner: string) {
    this.line = line;
    this.index = index;
    this.owner = owner;
  }

  /** The other end. */
  get peer(): LineEnd {
    return this.line.ends[this.index === 0 ? 1 : 0];
  }

  /** Messages and news that the driver still has to bring here. */
  get pending(): number {
    if (!this.active || this.closed || this.told) return 0;
    const news = this.peer.closed && this.heldBack.length === 0 ? 1 : 0;
    return this.incoming.length + news;
  }
}

/** A connection. */
export class Line {
  readonly ends: readonly [LineEnd, LineEnd];
  /** The memory of the link on it, by buffer id. */
  readonly buffers: Map<bigint, Region> = new Map();
  /** The node that provided buffer 0, by the order of names; only where both offer one. */
  provider = -1n;

  constructor(owner0: string, owner1: string) {
    this.ends = [new LineEnd(this, 0, owner0), new LineEnd(this, 1, owner1)];
  }

  /** Whether it connects these two. */
  joins(one: string, other: string): boolean {
    const [end0, end1] = this.ends;
    return (
      (end0.owner === one && end1.owner === other) || (end0.owner === other && end1.owner === one)
    );
  }
}
