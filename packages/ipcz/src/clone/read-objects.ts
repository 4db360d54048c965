/**
 * Objects with something inside, from bytes; the other half of `write-objects.ts`.
 */
import { MalformedMessage } from "./bytes-in.ts";
import type { MessageIn } from "./contract.ts";
import { errorNames, ErrorPart, Tag, viewNames } from "./format.ts";
import { viewClassAt } from "./views.ts";

const errorClasses: Readonly<Record<(typeof errorNames)[number], ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What follows `tag`. */
export function readPlatformObject(reader: MessageIn, tag: number): object {
  const { from } = reader;
  switch (tag) {
    case Tag.map:
      return readMap(reader);
    case Tag.set:
      return readSet(reader);
    case Tag.date:
      return reader.register(new Date(from.double()));
    case Tag.regexp: {
      const source = reader.text();
      return reader.register(new RegExp(source, reader.text()));
    }
    case Tag.boxed:
      return readBoxed(reader);
    case Tag.error:
      return readError(reader);
    case Tag.domException:
      return readDOMException(reader);
    case Tag.arrayBuffer:
      return reader.register(from.copy(from.length()));
    case Tag.resizableBuffer:
      return readResizable(reader);
    case Tag.view:
      return readView(reader);
    case Tag.blob: {
      const type = reader.text();
      return reader.register(new Blob([new Uint8Array(from.copy(from.length()))], { type }));
    }
    case Tag.file: {
      const name = reader.text();
      const type = reader.text();
      const lastModified = from.double();
      const bytes = new Uint8Array(from.copy(from.length()));
      return reader.register(new File([bytes], name, { type, lastModified }));
    }
    default:
      throw new MalformedMessage(`no kind of value has tag ${tag}`);
  }
}

function readMap(reader: MessageIn): Map<unknown, unknown> {
  const map = reader.register(new Map<unknown, unknown>());
  for (let left = reader.from.varint(); left > 0; left--) {
    const key = reader.read();
    map.set(key, reader.read());
  }
  return map;
}

function readSet(reader: MessageIn): Set<unknown> {
  const set = reader.register(new Set());
  for (let left = reader.from.varint(); left > 0; left--) set.add(reader.read());
  return set;
}

function readBoxed(reader: MessageIn): object {
  const place = reader.registerLater();
  const value = reader.read();
  const primitive = typeof value;
  if (
    primitive !== "boolean" &&
    primitive !== "number" &&
    primitive !== "bigint" &&
    primitive !== "string"
  )
    throw new MalformedMessage("no object stands for that");
  const boxed = new Object(value);
  place(boxed);
  return boxed;
}

function readError(reader: MessageIn): Error {
  const name = errorNames[reader.from.byte()];
  if (name === undefined) throw new MalformedMessage("no such class of errors");
  const parts = reader.from.byte();
  const message = parts & ErrorPart.message ? reader.text() : undefined;
  const error = reader.register(makeError(errorClasses[name], message));
  // Without one there is none, as Node's own channel has it; it is not that of this place.
  const stack = parts & ErrorPart.stack ? reader.text() : undefined;
  Object.assign(error, { stack });
  if (parts & ErrorPart.cause)
    Object.defineProperty(error, "cause", {
      value: reader.read(),
      writable: true,
      enumerable: false,
      configurable: true,
    });
  return error;
}

/** An error whose stack nobody will look at. */
function makeError(ErrorClass: ErrorConstructor, message: string | undefined): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new ErrorClass(message);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function readDOMException(reader: MessageIn): DOMException {
  const message = reader.text();
  const name = reader.text();
  const error = reader.register(new DOMException(message, name));
  Object.defineProperty(error, "stack", {
    value: reader.text(),
    writable: true,
    enumerable: false,
    configurable: true,
  });
  return error;
}

type ResizableBufferClass = new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;

function readResizable(reader: MessageIn): ArrayBuffer {
  const { from } = reader;
  const bytes = from.varint();
  const maxByteLength = from.varint();
  if (bytes > from.remaining) throw new MalformedMessage("a message ends too early");
  reader.reservedBytes += maxByteLength;
  if (reader.reservedBytes > reader.bounds.reservedBytesMax)
    throw new MalformedMessage("buffers would grow too large");
  const buffer = new (ArrayBuffer as ResizableBufferClass)(bytes, { maxByteLength });
  from.copyTo(new Uint8Array(buffer), bytes);
  return reader.register(buffer);
}

function readView(reader: MessageIn): object {
  const { from } = reader;
  const index = from.byte();
  const byteOffset = from.varint();
  const code = from.varint();
  const place = reader.registerLater();
  const buffer = reader.read();
  if (!(buffer instanceof ArrayBuffer)) throw new MalformedMessage("a view of no buffer");
  const View = viewClassAt(index);
  if (!View) throw new MalformedMessage(`no ${viewNames[index] ?? "such view"} in this runtime`);
  const view = code === 0 ? new View(buffer, byteOffset) : new View(buffer, byteOffset, code - 1);
  place(view);
  return view;
}
