/**
 * What a contestant is asked and what it answers: one line of JSON each, over its standard input and output.
 *
 * A contestant is a program that measures itself. Ours are started like those from elsewhere, so that all of them live
 * in processes of their own and the one that compares them is idle while they work. A contestant ends when its
 * standard input does. README.md describes the lines for writers of contestants.
 */

/** What is to be measured, once. Counts are chosen so that one measurement takes a fraction of a second. */
export type Request =
  | RoundTripRequest
  | OneWayRequest
  | StartUpRequest
  | AllocationRequest
  | RoutesRequest
  | PortalsRequest
  | PairsRequest
  | IdleRequest;

/** A message there, its echo back, one at a time. Answer: `nanoseconds`, the median of one round trip. */
export interface RoundTripRequest {
  readonly work: "round-trip";
  readonly bytes: number;
  readonly count: number;
  /** The contestant was started so that all of it runs on one processor; it need not do anything about it. */
  readonly onOneProcessor?: true;
}

/**
 * `bursts` bursts of `burst` messages; each burst is acknowledged, at most `ahead` of them are not yet. Answer:
 * `nanoseconds` per message.
 */
export interface OneWayRequest {
  readonly work: "one-way";
  readonly bytes: number;
  readonly burst: number;
  readonly bursts: number;
  readonly ahead: number;
}

/** Starts one more far end. Answer: `nanoseconds` until its first message is here. */
export interface StartUpRequest {
  readonly work: "start-up";
}

/** One way, as above. Answer: bytes of garbage and more per message at the sender, `sent`, and the receiver, `received`. */
export interface AllocationRequest {
  readonly work: "allocation";
  readonly bytes: number;
  readonly burst: number;
  readonly bursts: number;
  readonly ahead: number;
}

/**
 * Round trips over two routes between the same two processes, by turns: one that never moved, and one that went there
 * by way of two others. Answer: nanoseconds of either, `direct` and `moved`.
 */
export interface RoutesRequest {
  readonly work: "routes";
  readonly bytes: number;
  readonly count: number;
}

/** Answer: nanoseconds per portal pair, in bulk, for each step of {@link PortalsFigures}. */
export interface PortalsRequest {
  readonly work: "portals";
  readonly count: number;
}

/** `count` portal pairs between two processes, at the same time. Answer: see {@link PairsFigures}. */
export interface PairsRequest {
  readonly work: "pairs";
  readonly count: number;
}

/** `count` open portal pairs between two processes, and nothing to do. Answer: the processes, once all are open. */
export interface IdleRequest {
  readonly work: "idle";
  readonly count: number;
  /** How long the processes are then watched. */
  readonly seconds: number;
}

/** Numbers by name; which names, the request says. */
export type Figures = Readonly<Record<string, number>>;

export type Answer =
  | { readonly figures: Figures }
  /** The work is done by watching these processes for the time the request says. */
  | { readonly watch: readonly number[] }
  /** This contestant has no such thing. */
  | { readonly unsupported: true };

/** Nanoseconds per pair. */
export interface PortalsFigures {
  /** Both portals made, in one node. */
  readonly open: number;
  /** One of them sent to the other process, until the last has arrived there. */
  readonly transfer: number;
  /** Made, sent, and the first parcel through it received at the other end. */
  readonly first: number;
  /** Closed at both ends, until both nodes know. */
  readonly close: number;
}

/** Bytes are per pair and side: `near` opened the pairs, `far` received one portal of each. */
export interface PairsFigures {
  readonly openNanoseconds: number;
  readonly closeNanoseconds: number;
  readonly heapNear: number;
  readonly heapFar: number;
  /** Resident memory of the process that is not shared. */
  readonly privateNear: number;
  readonly privateFar: number;
  /** Mapped by both. */
  readonly shared: number;
  /** What is left of the heaps after all pairs are closed. */
  readonly leftNear: number;
  readonly leftFar: number;
  /** The same of private memory. */
  readonly leftPrivateNear: number;
  readonly leftPrivateFar: number;
  /** Round trip of 64 bytes, nanoseconds. */
  readonly roundTripBefore: number;
  readonly roundTripDuring: number;
}

/** Reads the line of a contestant; throws, saying what is wrong with it. */
export function parseAnswer(line: string): Answer {
  const answer: unknown = parseJson(line);
  if (!isRecord(answer)) throw new Error(`not an answer: ${line}`);
  if (answer["unsupported"] === true) return { unsupported: true };
  const { figures, watch } = answer;
  if (Array.isArray(watch) && watch.every((each) => Number.isInteger(each)))
    return { watch: watch as number[] };
  if (!isRecord(figures)) throw new Error(`an answer without figures: ${line}`);
  for (const [name, value] of Object.entries(figures))
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new Error(`the figure "${name}" is not a number: ${line}`);
  return { figures: figures as Figures };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`not a line of JSON: ${line}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
