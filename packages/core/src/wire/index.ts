/**
 * The wire format for tools: messages out of bytes, and messages as text. Sending and receiving use the modules
 * themselves.
 */
export { decodeParams } from "./decode.ts";
export { describe } from "./describe.ts";
export type { FragmentDescriptor, RouterDescriptor } from "./descriptors.ts";
export { NULL_FRAGMENT } from "./descriptors.ts";
export type { DriverObjectSpan } from "./driver-objects.ts";
export {
  decodeDriverObjects,
  DRIVER_OBJECT_DATA_BYTES,
  DriverObjectDataFields,
} from "./driver-objects.ts";
export type { MessageHeader } from "./header.ts";
export { decodeHeader, HEADER_BYTES, MessageHeaderFields, sequenceNumberOf } from "./header.ts";
export type { BufferId, LinkSide, NodeName, NodeType, SublinkId } from "./ids.ts";
export {
  FOLDED_HIGH_BIT,
  NO_BUFFER,
  NO_NODE,
  NODE_TYPE_BROKER,
  NODE_TYPE_NORMAL,
  SIDE_A,
  SIDE_B,
} from "./ids.ts";
export type { ArrayKind, Field, FieldKind, PlacedField, ScalarKind, ZeroKind } from "./layout.ts";
export { ELEMENT_BYTES, FIELD_BYTES } from "./layout.ts";
export type { Message, Role } from "./messages.ts";
export { messageById, MESSAGES } from "./messages.ts";
export { RouterDescriptorFields } from "./router-descriptor.ts";
export type {
  Block,
  FieldValue,
  FieldValues,
  LaterField,
  MessageOf,
  MessageSchema,
  ObjectRange,
  StructOf,
  ValueKind,
} from "./schema.ts";
export { blocksOf, fixedBytesOf } from "./schema.ts";
