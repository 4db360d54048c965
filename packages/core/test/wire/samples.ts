/**
 * Valid messages, made up: every field random within what the protocol allows.
 */
import { Limits } from "../../src/base/limits.ts";
import {
  type FragmentDescriptor,
  NULL_FRAGMENT,
  type RouterDescriptor,
} from "../../src/wire/descriptors.ts";
import { appendDriverObjects } from "../../src/wire/driver-objects.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import {
  type BufferId,
  FOLDED_HIGH_BIT,
  NO_NODE,
  type NodeName,
  type SublinkId,
} from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import {
  type FieldValue,
  type FieldValues,
  isValueKind,
  type MessageOf,
  type MessageSchema,
  type ValueKind,
} from "../../src/wire/schema.ts";
import type { Random } from "./random.ts";

export interface Sample {
  readonly values: MessageOf<MessageSchema>;
  /** Driver objects the message needs, each with one handle. */
  readonly numObjects: number;
}

/** A valid message of any schema. */
export function sample(schema: MessageSchema, random: Random): Sample {
  if (schema.id === AcceptParcel.id) return sampleParcel(random);
  const values: Record<string, FieldValue> = {};
  let numObjects = 0;
  for (const [name, kind] of [...schema.v0, ...(schema.v1 ?? [])]) {
    if (!isValueKind(kind)) continue;
    if (kind === "objectIndex") values[name] = random.below(4) === 0 ? null : numObjects++;
    else if (kind === "objectRange") {
      const count = random.below(4);
      values[name] = { first: numObjects, count };
      numObjects += count;
    } else values[name] = (SAMPLERS[kind] as (random: Random) => FieldValue)(random);
  }
  if (schema.id === AddBlockBuffer.id) values["blockSize"] = 2 ** (6 + random.below(15));
  if (values["size"] === 0) values["size"] = 1;
  return { values, numObjects };
}

/** The bytes of a sample, with its driver objects. */
export function sampleBytes(schema: MessageSchema, { values, numObjects }: Sample): Uint8Array {
  const object = { data: Uint8Array.of(1, 2, 3), numHandles: 1 };
  return appendDriverObjects(
    encodeMessage(schema, values),
    Array.from({ length: numObjects }, () => object),
  );
}

/** A parcel whose attachments have all they need. */
export function sampleParcel(random: Random): Sample & { values: MessageOf<typeof AcceptParcel> } {
  const sublink = sampleSublink(random);
  const main = random.flip();
  const numSubparcels = random.flip() ? 1 : 2 + random.below(4);
  const subparcelIndex = main ? 0 : random.below(numSubparcels);
  const newRouters = random.list(2, () => sampleRouter(random, sublink));
  const numObjects = random.below(3);
  const handleTypes: number[] = [
    ...newRouters.map(() => 0),
    ...Array.from({ length: numObjects }, () => 1),
    ...random.list(2, () => 2),
    ...Array.from({ length: subparcelIndex === 0 ? numSubparcels - 1 : 0 }, () => 3),
  ];
  handleTypes.sort(() => random.below(3) - 1);
  return {
    values: {
      sublink,
      sequenceNumber: sampleNumber(random),
      subparcelIndex,
      numSubparcels,
      parcelFragment: sampleFragment(random),
      parcelData: random.bytes(random.below(40)),
      handleTypes,
      newRouters,
      driverObjects: { first: 0, count: numObjects },
    },
    numObjects,
  };
}

type Sampler<K extends ValueKind> = (random: Random) => FieldValues[K];

const SAMPLERS: { readonly [K in ValueKind]: Sampler<K> } = {
  u8: (random) => random.below(256),
  u16: (random) => random.below(65_536),
  u32: (random) => random.u32(),
  u64: sampleNumber,
  sequence: sampleNumber,
  sublinkId: sampleSublink,
  bufferId: (random) => sampleId(random) as BufferId,
  nodeName: sampleName,
  linkSide: (random) => (random.flip() ? 1 : 0),
  nodeType: (random) => (random.flip() ? 1 : 0),
  fragment: sampleFragment,
  objectIndex: () => null,
  objectRange: () => ({ first: 0, count: 0 }),
  "flag(0)": (random) => random.flip(),
  "flag(1)": (random) => random.flip(),
  "array(u8)": (random) => random.bytes(random.below(40)),
  "array(handleType)": (random) => random.list(4, () => random.below(4)),
  "array(featureWord)": (random) =>
    random.list(3, () => (BigInt(random.u32()) << 32n) | BigInt(random.u32())),
  "array(routerDescriptor)": (random) => random.list(2, () => sampleRouter(random, 0 as SublinkId)),
};

function sampleNumber(random: Random): number {
  const choice = random.below(4);
  if (choice === 0) return 0;
  if (choice === 1) return random.below(20);
  if (choice === 2) return Limits.wireIntegerMax;
  return random.below(2 ** 20) * 2 ** 32 + random.u32();
}

function sampleId(random: Random): number {
  return sampleNumber(random) + (random.flip() ? FOLDED_HIGH_BIT : 0);
}

function sampleSublink(random: Random): SublinkId {
  return sampleId(random) as SublinkId;
}

function sampleName(random: Random): NodeName {
  const hex = () => random.u32().toString(16).padStart(8, "0");
  return random.below(4) === 0 ? NO_NODE : ((hex() + hex() + hex() + hex()) as NodeName);
}

function sampleFragment(random: Random): FragmentDescriptor {
  if (random.flip()) return NULL_FRAGMENT;
  return { bufferId: sampleId(random) as BufferId, offset: random.u32(), size: random.u32() };
}

/** A descriptor that a parcel on `carrier` may bring. */
export function sampleRouter(random: Random, carrier: SublinkId): RouterDescriptor {
  const bypassed = random.flip();
  const peerClosed = random.flip();
  const nextIncomingSequenceNumber = random.below(2 ** 31);
  // Three ids that differ.
  const newSublink = (((carrier % 2 ** 52) + 1) % 2 ** 52) as SublinkId;
  const decaying = (((carrier % 2 ** 52) + 2) % 2 ** 52) as SublinkId;
  return {
    closedPeerSequenceLength: peerClosed
      ? nextIncomingSequenceNumber + random.below(Limits.sequenceGapMax + 1)
      : 0,
    newSublink,
    newLinkStateFragment: bypassed
      ? { bufferId: sampleId(random) as BufferId, offset: random.below(2 ** 28) * 8, size: 64 }
      : NULL_FRAGMENT,
    newDecayingSublink: bypassed ? decaying : (0 as SublinkId),
    nextOutgoingSequenceNumber: sampleNumber(random),
    nextIncomingSequenceNumber,
    decayingIncomingSequenceLength: bypassed ? sampleNumber(random) : 0,
    peerClosed,
    proxyAlreadyBypassed: bypassed,
    proxyPeerNodeName: sampleName(random),
    proxyPeerSublink: sampleSublink(random),
  };
}
