/**
 * A message as one readable line, for logs and snapshots:
 *
 *     RouteClosed #1 sublink=0 sequenceLength=1
 *
 * `#1` is the number of the message on its link. A fragment is written buffer:offset+size, an id with bit 63 set
 * 2^63+id. Handles are no bytes, so whether enough of them are attached is not looked at.
 */
import { assert, verify } from "../base/assert.ts";
import { decodeParams } from "./decode.ts";
import { type FragmentDescriptor, NULL_FRAGMENT, type RouterDescriptor } from "./descriptors.ts";
import { decodeDriverObjects, type DriverObjectSpan, HANDLES_MAX } from "./driver-objects.ts";
import { decodeHeader, type MessageHeader, sequenceNumberOf } from "./header.ts";
import { FOLDED_HIGH_BIT, NO_BUFFER, NO_NODE, NODE_TYPE_BROKER, SIDE_A } from "./ids.ts";
import type { Field } from "./layout.ts";
import { type Message, messageById } from "./messages.ts";
import { AcceptRelayedMessage, RelayMessage } from "./messages/relay.ts";
import { RouterDescriptorFields } from "./router-descriptor.ts";
import {
  type FieldValue,
  type FieldValues,
  isValueKind,
  type ObjectRange,
  type StructOf,
  type ValueKind,
} from "./schema.ts";

/** One line about one message, whatever its bytes are. */
export function describe(bytes: Uint8Array): string {
  const header = decodeHeader(bytes, bytes.length);
  if (!header) return `invalid header, ${bytes.length} bytes`;
  const objects = decodeDriverObjects(bytes, bytes.length, header, HANDLES_MAX);
  const title = `${titleOf(header)} #${sequenceNumberOf(bytes)}`;
  if (!objects) return `${title} invalid driver objects, ${bytes.length} bytes`;
  return `${title} ${describeBody(bytes, header, objects.length)}${describeObjects(objects)}`;
}

function titleOf({ messageId }: MessageHeader): string {
  return messageById(messageId)?.name ?? `unknown message ${messageId}`;
}

function describeBody(bytes: Uint8Array, header: MessageHeader, numObjects: number): string {
  const message = messageById(header.messageId);
  if (!message) return `${bytes.length} bytes`;
  const values = decodeParams(message.schema, bytes, bytes.length, header.size, numObjects);
  if (!values) return `invalid parameters, ${bytes.length} bytes`;
  const fields = [...message.schema.v0, ...(message.schema.v1 ?? [])];
  return describeFields(fields, values) + describeRelayed(message, values, numObjects);
}

/** A relayed message refers to the objects of the one around it. */
function describeRelayed(
  message: Message,
  values: Readonly<Record<string, FieldValue>>,
  numObjects: number,
): string {
  if (message.id !== RelayMessage.id && message.id !== AcceptRelayedMessage.id) return "";
  const data = values["data"];
  assert(data instanceof Uint8Array, "a relayed message is an array of bytes");
  const header = decodeHeader(data, data.length);
  if (!header) return ` (invalid header, ${data.length} bytes)`;
  // One level is all there is: a relay inside a relay is ignored by receivers.
  const inner = messageById(header.messageId);
  const params = inner && decodeParams(inner.schema, data, data.length, header.size, numObjects);
  if (!params) return ` (${titleOf(header)}, ${data.length} bytes)`;
  const fields = [...inner.schema.v0, ...(inner.schema.v1 ?? [])];
  return ` (${titleOf(header)} ${describeFields(fields, params)})`;
}

function describeObjects(objects: readonly (DriverObjectSpan | null)[]): string {
  if (objects.length === 0) return "";
  const each = objects.map((span) =>
    span ? `${span.dataLength} bytes + ${plural(span.numHandles, "handle")}` : "invalid",
  );
  return ` objects=[${each.join(", ")}]`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describeFields(
  fields: readonly Field[],
  values: Readonly<Record<string, FieldValue>>,
): string {
  const parts: string[] = [];
  for (const [name, kind] of fields) {
    const value = values[name];
    if (isValueKind(kind) && value !== undefined) parts.push(`${name}=${text(kind, value)}`);
  }
  return parts.join(" ");
}

function text(kind: ValueKind, value: FieldValue): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kind and value come from one declaration
  return (FIELD_TEXTS[kind] as (value: FieldValue) => string)(value);
}

const FIELD_TEXTS: { readonly [K in ValueKind]: (value: FieldValues[K]) => string } = {
  u8: String,
  u16: String,
  u32: String,
  u64: String,
  sequence: String,
  sublinkId: idText,
  bufferId: idText,
  nodeName: (name) => (name === NO_NODE ? "none" : name),
  linkSide: (side) => (side === SIDE_A ? "A" : "B"),
  nodeType: (type) => (type === NODE_TYPE_BROKER ? "broker" : "normal"),
  fragment: fragmentText,
  objectIndex: (index) => (index === null ? "none" : String(index)),
  objectRange: rangeText,
  "flag(0)": String,
  "flag(1)": String,
  "array(u8)": (data) => `<${plural(data.length, "byte")}>`,
  "array(handleType)": (types) => `[${types.map(handleTypeText).join(", ")}]`,
  "array(featureWord)": (words) => `[${words.map((word) => `0x${word.toString(16)}`).join(", ")}]`,
  "array(routerDescriptor)": (descriptors) => `[${descriptors.map(descriptorText).join(", ")}]`,
};

function idText(id: number): string {
  return id < FOLDED_HIGH_BIT ? String(id) : `2^63+${id - FOLDED_HIGH_BIT}`;
}

function fragmentText({ bufferId, offset, size }: FragmentDescriptor): string {
  return bufferId === NO_BUFFER ? "none" : `${idText(bufferId)}:${offset}+${size}`;
}

function rangeText({ first, count }: ObjectRange): string {
  if (count === 0) return "none";
  return count === 1 ? String(first) : `${first}..${first + count - 1}`;
}

const HANDLE_TYPE_NAMES = ["portal", "object", "relayed object", "subparcel"];

function handleTypeText(type: number): string {
  return verify(HANDLE_TYPE_NAMES[type], "a decoded handle type is known");
}

/** What is not at its zero. */
function descriptorText(descriptor: RouterDescriptor): string {
  const values: StructOf<typeof RouterDescriptorFields> = descriptor;
  const telling = RouterDescriptorFields.filter(
    ([name]) => name !== "reserved" && !isZero(values[name]),
  );
  return `{${describeFields(telling, values)}}`;
}

function isZero(value: FieldValue): boolean {
  return value === 0 || value === false || value === NO_NODE || value === NULL_FRAGMENT;
}
