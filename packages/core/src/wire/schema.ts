/**
 * A message, declared; and the TypeScript type it decodes to and is encoded from.
 */
import type { SequenceNumber } from "../base/sequence.ts";
import type { FragmentDescriptor, RouterDescriptor } from "./descriptors.ts";
import { HEADER_BYTES } from "./header.ts";
import type { BufferId, LinkSide, NodeName, NodeType, SublinkId } from "./ids.ts";
import {
  type Field,
  type FieldKind,
  type PlacedField,
  placeFields,
  type ZeroKind,
} from "./layout.ts";

/** Driver objects `first` to `first + count - 1` of a message: {first: 1, count: 2} is objects 1 and 2. */
export interface ObjectRange {
  readonly first: number;
  readonly count: number;
}

/** What a field of each kind holds. */
export interface FieldValues {
  u8: number;
  u16: number;
  u32: number;
  u64: number;
  sequence: SequenceNumber;
  sublinkId: SublinkId;
  bufferId: BufferId;
  nodeName: NodeName;
  linkSide: LinkSide;
  nodeType: NodeType;
  /** NULL_FRAGMENT when there is none. */
  fragment: FragmentDescriptor;
  /** Null: no object. */
  objectIndex: number | null;
  objectRange: ObjectRange;
  "flag(0)": boolean;
  "flag(1)": boolean;
  /** Decoded: borrowed, a view of the message, valid as long as the message is. */
  "array(u8)": Uint8Array;
  "array(handleType)": readonly number[];
  "array(featureWord)": readonly bigint[];
  "array(routerDescriptor)": readonly RouterDescriptor[];
}

/** Kinds that have a value: all but the zeros. */
export type ValueKind = keyof FieldValues;
/** The value of a field of any such kind. */
export type FieldValue = FieldValues[ValueKind];

/** Version 1 added features and nothing else. It may be absent; that means no features. */
export type LaterField = readonly [
  name: string,
  kind: "array(featureWord)" | ZeroKind,
  description: string,
];

/** A message's id and the fields of each version of its parameter struct. */
export interface MessageSchema {
  readonly id: number;
  readonly v0: readonly Field[];
  readonly v1?: readonly LaterField[];
}

/** The object that declared fields decode to. For fields that are not known: any names, any values. */
export type StructOf<F extends readonly Field[]> = {
  readonly [E in F[number] as E[1] extends ZeroKind ? never : E[0]]: FieldValues[Extract<
    E[1],
    ValueKind
  >];
};

/** The object that a declared message decodes to, and that it is encoded from. */
export type MessageOf<S extends MessageSchema> = StructOf<
  S extends { readonly v1: infer V1 extends readonly Field[] }
    ? readonly [...S["v0"], ...V1]
    : S["v0"]
>;

/** The fields of one version, and where they end in the parameter struct. */
export interface Block {
  readonly fields: readonly PlacedField[];
  readonly end: number;
}

/** Bytes of the struct header: its size, and four zeros. */
export const STRUCT_HEADER_BYTES = 8;

/** The version blocks of a message; offsets count from the start of the parameter struct (spec: wire 1.3). */
export function blocksOf(schema: MessageSchema): readonly Block[] {
  const blocks: Block[] = [];
  let start = STRUCT_HEADER_BYTES;
  for (const fields of [schema.v0, schema.v1 ?? []]) {
    if (fields.length === 0) continue;
    const { placed, end } = placeFields(fields, start);
    blocks.push({ fields: placed, end });
    start = end;
  }
  return blocks;
}

/** Bytes of a message as we write it, before its arrays: header, struct header and all blocks. */
export function fixedBytesOf(schema: MessageSchema): number {
  return HEADER_BYTES + Math.max(STRUCT_HEADER_BYTES, ...blocksOf(schema).map(({ end }) => end));
}

/** A kind that has a value. */
export function isValueKind(kind: FieldKind): kind is ValueKind {
  return !kind.startsWith("zero(");
}
