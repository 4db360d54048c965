/**
 * Rules broken on purpose, between a node and its driver: each must make the checker fail, for the right reason.
 */
import type { IpczResult } from "@ipcz/api";
import { blocksOf, HEADER_BYTES, type Message, messageById } from "@ipcz/core/wire";
import type { Reason } from "./violation.ts";

/** Passes one message on; the bytes are copied. */
export type Send = (message: Uint8Array) => IpczResult;

/** A broken rule at work in one network. */
export interface Sabotage {
  /** Sees every message without driver objects; what it does not send is lost. */
  transmit?(message: Uint8Array, send: Send, line: number): IpczResult;
  /** Sends what {@link transmit} holds back; called when the network comes to rest. */
  release?(): void;
  /** Nodes are not told that a line broke. */
  readonly hidesErrors?: boolean;
  /** Memory handles are said to be closed, and are not. */
  readonly keepsMemory?: boolean;
}

interface Mode {
  /** What is broken. */
  readonly about: string;
  /** What the checker must say to it. */
  readonly reason: Reason;
  /** What it may say first, because that follows from the same breach; anything else is an error of the checker. */
  readonly consequences: readonly Reason[];
  begin(): Sabotage;
}

const ACCEPT_PARCEL = 20;
const ROUTE_CLOSED = 22;
const STOP_PROXYING = 32;
const PROXY_WILL_STOP = 33;
const FLUSH_ROUTER = 36;

const SUBLINK_AT = offsetOf(messageById(ACCEPT_PARCEL), "sublink");
const SEQUENCE_AT = offsetOf(messageById(ACCEPT_PARCEL), "sequenceNumber");
const DATA_AT = offsetOf(messageById(ACCEPT_PARCEL), "parcelData");
const HANDLES_AT = offsetOf(messageById(ACCEPT_PARCEL), "handleTypes");

/** Every mode by its name. */
export const SABOTAGES: Readonly<Record<string, Mode>> = {
  "drop-parcel": {
    about: "every 5th plain parcel is not sent",
    reason: "lost",
    consequences: ["indirect", "locked", "closure-unseen", "routers-left"],
    begin: () => ({ transmit: dropEvery(5, isPlainParcel) }),
  },
  "double-parcel": {
    about: "a plain parcel is sent twice, the second time with the next number",
    reason: "doubled",
    consequences: ["cut-off", "routers-left", "indirect", "lost", "closure-unseen", "locked"],
    begin: () => ({
      transmit(message, send) {
        const result = send(message);
        if (!isPlainParcel(message)) return result;
        const again = message.slice();
        writeSequence(again, readSequence(again) + 1);
        return send(again);
      },
    }),
  },
  "reorder-parcels": {
    about: "two plain parcels in a row swap their numbers",
    reason: "reordered",
    consequences: [],
    begin: reorder,
  },
  "flip-byte": {
    about: "the first byte of every 5th plain parcel is changed",
    reason: "corrupt",
    consequences: [],
    begin: () => {
      const every5th = counter(5);
      return {
        transmit(message, send) {
          if (!isPlainParcel(message) || !every5th()) return send(message);
          const changed = message.slice();
          const at = readU32(changed, DATA_AT) + 8;
          changed[at] = (changed[at] ?? 0) ^ 0x40;
          return send(changed);
        },
      };
    },
  },
  "swallow-closed": {
    about: "RouteClosed is not sent",
    reason: "closure-unseen",
    consequences: ["half-closed", "routers-left"],
    begin: () => ({ transmit: dropEvery(1, is(ROUTE_CLOSED)) }),
  },
  "drop-flush": {
    about: "every 3rd FlushRouter is not sent",
    reason: "indirect",
    consequences: ["closure-unseen", "routers-left"],
    begin: () => ({ transmit: dropEvery(3, is(FLUSH_ROUTER)) }),
  },
  "never-stop-proxying": {
    about: "StopProxying is not sent",
    reason: "routers-left",
    consequences: ["indirect", "locked"],
    begin: () => ({ transmit: dropEvery(1, is(STOP_PROXYING)) }),
  },
  "never-will-stop": {
    about: "ProxyWillStop is not sent",
    reason: "indirect",
    consequences: ["locked", "closure-unseen", "routers-left"],
    begin: () => ({ transmit: dropEvery(1, is(PROXY_WILL_STOP)) }),
  },
  "hide-errors": {
    about: "nodes are not told that a line broke",
    reason: "closure-unseen",
    consequences: ["half-closed", "lost", "indirect"],
    begin: () => ({ hidesErrors: true }),
  },
  "keep-memory": {
    about: "memory is not closed",
    reason: "objects-left",
    consequences: [],
    begin: () => ({ keepsMemory: true }),
  },
};

/** The mode of this name at work. Throws when there is none. */
export function beginSabotage(name: string): Sabotage {
  const mode = SABOTAGES[name];
  if (!mode)
    throw new Error(`--sabotage: "${name}" is none of ${Object.keys(SABOTAGES).join(", ")}`);
  return mode.begin();
}

/** Holds a parcel back until the next message of its line; if that is the next parcel, the two swap numbers. */
function reorder(): Sabotage {
  const held = new Map<number, { readonly message: Uint8Array; readonly send: Send }>();
  let isOver = false;
  return {
    transmit(message, send, line) {
      const before = held.get(line);
      held.delete(line);
      const isPair = before !== undefined && isNextParcel(before.message, message);
      if (before && isPair) {
        const changed = message.slice();
        writeSequence(before.message, readSequence(message));
        writeSequence(changed, readSequence(message) - 1);
        before.send(before.message);
        return send(changed);
      }
      before?.send(before.message);
      if (isOver || !isPlainParcel(message)) return send(message);
      held.set(line, { message: message.slice(), send });
      return 0;
    },
    release() {
      isOver = true;
      for (const { message, send } of held.values()) send(message);
      held.clear();
    },
  };
}

function isNextParcel(first: Uint8Array, second: Uint8Array): boolean {
  return (
    isPlainParcel(second) &&
    readU32(first, SUBLINK_AT) === readU32(second, SUBLINK_AT) &&
    readSequence(first) + 1 === readSequence(second)
  );
}

function dropEvery(
  nth: number,
  isMeant: (message: Uint8Array) => boolean,
): (message: Uint8Array, send: Send) => IpczResult {
  const every = counter(nth);
  return (message, send) => (isMeant(message) && every() ? 0 : send(message));
}

function counter(nth: number): () => boolean {
  let count = 0;
  return () => ++count % nth === 0;
}

function is(id: number): (message: Uint8Array) => boolean {
  return (message) => message[2] === id;
}

/** A parcel with its bytes inside the message and nothing attached. */
function isPlainParcel(message: Uint8Array): boolean {
  return (
    message[2] === ACCEPT_PARCEL &&
    readU32(message, DATA_AT) !== 0 &&
    readU32(message, HANDLES_AT) === 0
  );
}

function readSequence(message: Uint8Array): number {
  return readU32(message, SEQUENCE_AT);
}

function writeSequence(message: Uint8Array, sequence: number): void {
  new DataView(message.buffer, message.byteOffset).setUint32(SEQUENCE_AT, sequence, true);
}

function readU32(message: Uint8Array, at: number): number {
  return new DataView(message.buffer, message.byteOffset).getUint32(at, true);
}

function offsetOf(message: Message | undefined, name: string): number {
  for (const { fields } of message ? blocksOf(message.schema) : [])
    for (const field of fields) if (field.name === name) return HEADER_BYTES + field.offset;
  throw new Error(`AcceptParcel has no field ${name}`);
}
