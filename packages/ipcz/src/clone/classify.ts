/**
 * What kind of thing an object is, as far as cloning goes: told by what it is inside, as the platform does, not by what
 * it says of itself.
 *
 * A program cannot see all that the engine sees, so classes decide where the engine would look into the object: an
 * instance of a class of the program is an ordinary object, one of a class of the engine or of Node is refused unless
 * it is known here. The answer for a class is found once.
 */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { BlockList, SocketAddress } from "node:net";
import { createHistogram } from "node:perf_hooks";
import { types } from "node:util";
import { MessagePort } from "node:worker_threads";

/** On the prototype of a class whose objects travel only if they are in the transfer list. */
export const transferOnly: unique symbol = Symbol("ipcz.transferOnly");

/** What an object is cloned as; `transfer`: only if it is listed; `refuse`: not at all. */
export type Kind =
  | "object"
  | "array"
  | "map"
  | "set"
  | "date"
  | "regexp"
  | "boxed"
  | "error"
  | "domException"
  | "arrayBuffer"
  | "view"
  | "blob"
  | "transfer"
  | "refuse";

/** What a class says of its objects: a kind, or that they must be looked at. */
type ClassVerdict = "object" | "transfer" | "refuse" | "look";

const prototypeOf = Object.getPrototypeOf as (object: object) => object | null;

/** Classes of the engine that are known here: an object that is not one inside, but inherits from one, is ordinary. */
const knownClasses: ReadonlySet<unknown> = new Set<unknown>([
  Object,
  Array,
  Map,
  Set,
  Date,
  RegExp,
  Boolean,
  Number,
  String,
  BigInt,
  Symbol,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  ArrayBuffer,
  DataView,
  prototypeOf(Uint8Array),
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  (globalThis as Record<string, unknown>)["Float16Array"],
  Buffer,
  Blob,
  DOMException,
]);

/** Classes of the platform that Node marks as not to be cloned, or that would arrive empty. */
const refusedPrototypes: ReadonlySet<object> = new Set(
  [
    ...[
      "URL",
      "URLSearchParams",
      "Headers",
      "FormData",
      "Request",
      "Response",
      "WebSocket",
      "EventSource",
      "MessageEvent",
      "CloseEvent",
      "URLPattern",
      "CryptoKey",
    ].map((name) => prototypeNamed(name)),
    BlockList.prototype,
    SocketAddress.prototype,
    X509Certificate.prototype,
    prototypeOf(createHistogram()),
    prototypeOf(prototypeOf([][Symbol.iterator]()) ?? {}),
    prototypeOf(prototypeOf((async function* empty() {})()) ?? {}),
  ].filter((prototype) => prototype !== null),
);

const transferPrototypes: ReadonlySet<object> = new Set(
  [
    MessagePort.prototype,
    ...["ReadableStream", "WritableStream", "TransformStream"].map((name) => prototypeNamed(name)),
  ].filter((prototype) => prototype !== null),
);

const verdicts = new WeakMap<object, ClassVerdict>();

/** What `value` is cloned as. */
export function kindOf(value: object): Kind {
  if (types.isProxy(value)) return "refuse";
  const prototype = prototypeOf(value);
  if (prototype === Object.prototype) return types.isArgumentsObject(value) ? "refuse" : "object";
  if (prototype === null)
    return types.isModuleNamespaceObject(value) || types.isExternal(value) ? "refuse" : "object";
  if (prototype === Array.prototype && Array.isArray(value)) return "array";
  let verdict = verdicts.get(prototype);
  if (verdict === undefined) {
    verdict = verdictOf(prototype);
    verdicts.set(prototype, verdict);
  }
  return verdict === "look" ? lookInside(value) : verdict;
}

function lookInside(value: object): Kind {
  if (Array.isArray(value)) return "array";
  if (ArrayBuffer.isView(value)) return "view";
  if (types.isArrayBuffer(value)) return "arrayBuffer";
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isDate(value)) return "date";
  if (types.isRegExp(value)) return "regexp";
  if (isDOMException(value)) return "domException";
  if (types.isNativeError(value)) return "error";
  if (types.isBoxedPrimitive(value)) return types.isSymbolObject(value) ? "refuse" : "boxed";
  if (isBlob(value)) return "blob";
  return "object";
}

function verdictOf(prototype: object): ClassVerdict {
  let look = false;
  for (
    let link: object | null = prototype;
    link !== null && link !== Object.prototype;
    link = prototypeOf(link)
  ) {
    if (refusedPrototypes.has(link)) return "refuse";
    if (transferPrototypes.has(link) || Object.hasOwn(link, transferOnly)) return "transfer";
    const maker: unknown = Object.getOwnPropertyDescriptor(link, "constructor")?.value;
    if (isFileHandleClass(maker)) return "transfer";
    if (knownClasses.has(maker)) look = true;
    else if (isNative(maker)) return "refuse";
  }
  return look ? "look" : "object";
}

function isNative(maker: unknown): boolean {
  return (
    typeof maker === "function" &&
    maker !== Object &&
    Function.prototype.toString.call(maker).endsWith("{ [native code] }")
  );
}

/** Whether it is what `fs.promises.open` gives. */
export function isFileHandle(value: object): value is FileHandle {
  const prototype = prototypeOf(value);
  return prototype !== null && isFileHandleClass(prototype.constructor);
}

/** Node does not export the class; only an opened file would show it. */
function isFileHandleClass(maker: unknown): boolean {
  return (
    typeof maker === "function" &&
    maker.name === "FileHandle" &&
    Object.hasOwn(maker.prototype as object, "readableWebStream")
  );
}

function prototypeNamed(name: string): object | null {
  const maker = (globalThis as Record<string, unknown>)[name];
  return typeof maker === "function" ? (maker.prototype as object) : null;
}

const blobSize = getter(Blob.prototype, "size");
const exceptionCode = getter(DOMException.prototype, "code");

function isBlob(value: object): boolean {
  return value instanceof Blob && answers(blobSize, value);
}

function isDOMException(value: object): boolean {
  return value instanceof DOMException && answers(exceptionCode, value);
}

/** Whether a getter that looks into its object finds it to be one of its own. */
function answers(get: (this: unknown) => unknown, value: object): boolean {
  try {
    return get.call(value) !== undefined;
  } catch {
    return false;
  }
}

/** The getter of a property that has one. */
export function getter(prototype: object, name: PropertyKey): (this: unknown) => unknown {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with an object of its own
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (!get) throw new TypeError(`no getter for ${String(name)}`);
  return get;
}
