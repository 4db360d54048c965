/**
 * Wrong bytes over a pipe, each with what has to become of the link: frames that no decent peer writes, and handles that
 * the sender does not have, must not have, or that are something else.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import type { ObjectDescription } from "@ipcz/mojo-codec";
import { mojoFrame } from "./framing.ts";
import { Knowledge } from "./knowledge.ts";
import { memberGreeting, parcelOf } from "./legal.ts";
import type { OwnHandles } from "./own-handles.ts";
import { described, objectNaming, withObjects } from "./mojo-objects.ts";
import { fillRandom } from "./spoil.ts";

/**
 * What becomes of the link: the victim ends it at once (`dropped`); a parcel arrives and it goes on (`heard`); nothing,
 * before the other end is gone (`waits`).
 */
export type Outcome = "dropped" | "heard" | "waits";

/** What a case is made of. */
export interface CaseSupplies {
  readonly own: OwnHandles;
  /** Numbers of handles that the victim has. */
  readonly numbers: readonly bigint[];
  readonly seed: number;
}

export interface PipeCase {
  readonly name: string;
  readonly outcome: Outcome;
  /** Whether the victim gets a decent greeting before. */
  readonly greets: boolean;
  /** What is written, in these portions. */
  readonly portions: (supplies: CaseSupplies) => readonly Uint8Array[];
}

/** The one portal of such a link gets this. */
export const PARCEL: Uint8Array = Uint8Array.of(104, 101, 97, 114, 100);

/** The case of a decent, slow member. */
export const HEARD = "a frame byte by byte";

/** A decent greeting. */
export function greetingFrame(): Uint8Array {
  return mojoFrame(memberGreeting(1).bytes);
}

/** The first parcel, with objects of these bytes. */
function parcel(...objects: readonly Uint8Array[]): Uint8Array {
  const [sublink] = new Knowledge(1).sublinks;
  if (!sublink) throw new Error("the sublink of the initial portal");
  const composed = parcelOf(
    sublink,
    PARCEL,
    objects.map(() => 64),
  );
  return withObjects(composed.bytes, objects);
}

function frames(
  name: string,
  outcome: Outcome,
  ...portions: readonly (Uint8Array | (() => Uint8Array))[]
): PipeCase {
  const write = (): Uint8Array[] =>
    portions.map((portion) => (portion instanceof Uint8Array ? portion : portion()));
  return { name, outcome, greets: true, portions: write };
}

function bytesOf(frame: Uint8Array): Uint8Array[] {
  return Array.from(frame, (byte) => Uint8Array.of(byte));
}

function noise(seed: number): Uint8Array {
  const bytes = new Uint8Array(300);
  fillRandom(bytes, new SeededRandom(seed, 11));
  return bytes;
}

const whole = mojoFrame(parcel());

/** What a header can say. */
const FRAMES: readonly PipeCase[] = [
  frames("a header of 0 bytes", "dropped", mojoFrame(parcel(), { claimedHeaderBytes: 0 })),
  frames("a header of 7 bytes", "dropped", mojoFrame(parcel(), { claimedHeaderBytes: 7 })),
  frames(
    "a header longer than its frame",
    "dropped",
    mojoFrame(parcel(), { claimedHeaderBytes: 0xffff }),
  ),
  frames("a frame of 0 bytes", "dropped", mojoFrame(parcel(), { frameBytes: 0 })),
  frames("a frame shorter than its header", "dropped", mojoFrame(parcel(), { frameBytes: 15 })),
  frames("a frame of a header alone", "dropped", mojoFrame(parcel(), { frameBytes: 16 })),
  frames("one handle beside the message", "dropped", mojoFrame(parcel(), { handleCount: 1 })),
  frames("as many handles as can be said", "dropped", mojoFrame(parcel(), { handleCount: 0xffff })),
  frames("a length above the bound", "dropped", mojoFrame(parcel(), { frameBytes: 2 ** 30 + 1 })),
  frames("the largest length", "dropped", mojoFrame(parcel(), { frameBytes: 2 ** 32 - 1 })),
  frames("a gigabyte that never comes", "waits", mojoFrame(parcel(), { frameBytes: 2 ** 30 })),
  frames("a frame that is cut in its header", "waits", whole.subarray(0, 5)),
  frames("a frame that is cut in its message", "waits", whole.subarray(0, whole.length - 1)),
  frames(HEARD, "heard", ...bytesOf(whole)),
  frames("a frame whose last byte is late", "heard", whole.subarray(0, -1), whole.subarray(-1)),
  frames("a header of 8 bytes", "heard", mojoFrame(parcel(), { headerBytes: 8 })),
  frames("a header of 2000 bytes", "heard", mojoFrame(parcel(), { headerBytes: 2000 })),
];

/** What comes first, where a greeting should. */
const FIRST_BYTES: readonly PipeCase[] = [
  { ...frames("a parcel before the greeting", "dropped", whole), greets: false },
  { ...frames("another protocol's first line", "dropped", line), greets: false },
  {
    ...frames("the header of a frame, and no more", "waits", whole.subarray(0, 16)),
    greets: false,
  },
  {
    name: "random bytes",
    outcome: "waits",
    greets: false,
    // A decent length keeps the victim waiting; random ones are for the streams.
    portions: ({ seed }) => [mojoFrame(noise(seed), { frameBytes: 2 ** 20 })],
  },
  { name: "nothing", outcome: "waits", greets: false, portions: () => [] },
];

/** Its first two bytes are a header of some length, the next two a number of handles. */
function line(): Uint8Array {
  return new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n");
}

type Forge = (supplies: CaseSupplies) => Uint8Array | readonly Uint8Array[];

function forged(name: string, forge: Forge, outcome: Outcome = "dropped"): PipeCase {
  const portions = (supplies: CaseSupplies): Uint8Array[] => {
    const objects = forge(supplies);
    return [mojoFrame(parcel(...(objects instanceof Uint8Array ? [objects] : objects)))];
  };
  return { name, outcome, greets: true, portions };
}

const memory = described(4096);
const transport = described("transport");
const file: ObjectDescription = { kind: "platform-handle" };

/** As an object that any handle can be, so that nothing but the number is wrong. */
function named(value: bigint): Forge {
  return () => objectNaming(file, "sender", [value]);
}

function changed(at: number, word: number): Forge {
  return ({ own }) => {
    const bytes = objectNaming(memory, "sender", [own.of(4096)]);
    new DataView(bytes.buffer).setUint32(at, word, true);
    return bytes;
  };
}

const UNKNOWN = 4_096_000n;

/** Numbers that are no handles, or stand for something that a process has without being given it. */
const NUMBERS: readonly PipeCase[] = [
  forged("a number that nobody has", named(UNKNOWN)),
  forged("the number 0", named(0n)),
  forged("no multiple of four", named(6n)),
  forged("the sender's process, -1", named(2n ** 64n - 1n)),
  forged("the sender's thread, -2", named(2n ** 64n - 2n)),
  forged("the sender's token, -4", named(2n ** 64n - 4n)),
  forged("the sender's process in 32 bits", named(0xffff_ffffn)),
  forged("more than a handle has bits", named(0x1_0000_0004n)),
  forged("a number that nobody has as the victim's own", () =>
    objectNaming(memory, "recipient", [UNKNOWN]),
  ),
  forged("the victim's process as its own", () =>
    objectNaming(memory, "recipient", [2n ** 64n - 1n]),
  ),
];

/** Handles that the sender does have. */
const KINDS: readonly PipeCase[] = [
  forged("memory as it is", ({ own }) => objectNaming(memory, "sender", [own.of(4096)]), "heard"),
  forged(
    "a pipe as it is",
    ({ own }) => objectNaming(transport, "sender", [own.of("transport")]),
    "heard",
  ),
  forged("a file as it is", ({ own }) => objectNaming(file, "sender", [own.file()]), "heard"),
  forged("a section too small", ({ own }) =>
    objectNaming(described(8192), "sender", [own.of(4096)]),
  ),
  forged("a writable section as a read-only one", ({ own }) =>
    objectNaming({ ...memory, access: "read-only" } as ObjectDescription, "sender", [own.of(4096)]),
  ),
  forged("a file as memory", ({ own }) => objectNaming(memory, "sender", [own.file()])),
  forged("a pipe as memory", ({ own }) => objectNaming(memory, "sender", [own.of("transport")])),
  forged("memory as a pipe", ({ own }) => objectNaming(transport, "sender", [own.of(4096)])),
  forged("a file as a pipe", ({ own }) => objectNaming(transport, "sender", [own.file()])),
  forged("a pipe with a process that is a file", ({ own }) =>
    objectNaming(transport, "sender", [own.of("transport"), own.file()]),
  ),
  forged("one handle in two objects", ({ own }) => {
    const value = own.of(4096);
    return [objectNaming(memory, "sender", [value]), objectNaming(memory, "sender", [value])];
  }),
];

/** Objects that lie about themselves. */
const OBJECTS: readonly PipeCase[] = [
  forged("no handle", () => objectNaming(memory, "sender", [])),
  forged("two handles for one memory", ({ own }) =>
    objectNaming(memory, "sender", [own.of(4096), own.of(4096)]),
  ),
  forged("one handle twice", ({ own }) => {
    const value = own.of("transport");
    return objectNaming(transport, "sender", [value, value]);
  }),
  forged("more handles than bytes", changed(8, 3)),
  forged("as many handles as can be said", changed(8, 0xffff_ffff)),
  forged("an owner that there is not", changed(12, 2)),
  forged("a type that there is not", changed(4, 77)),
  forged("a header shorter than the shortest", changed(0, 8)),
  forged("a header longer than the object", changed(0, 4096)),
  forged("no bytes at all", () => new Uint8Array(0)),
  forged("memory of no bytes", ({ own }) => objectNaming(described(0), "sender", [own.of(4096)])),
];

/** The victim's own handles, of which the sender knows the numbers. */
function stolen(index: number): PipeCase {
  return forged(`handle ${index} of the victim`, ({ numbers }) =>
    objectNaming(index % 2 === 0 ? memory : file, "recipient", [numbers[index] ?? 0n]),
  );
}

/** All cases for a link to a broker, where the numbers of so many handles of the victim are known. */
export function pipeCases(numbers: number): readonly PipeCase[] {
  const theft = Array.from({ length: numbers }, (_none, index) => stolen(index));
  return [...FRAMES, ...FIRST_BYTES, ...NUMBERS, ...KINDS, ...OBJECTS, ...theft];
}
