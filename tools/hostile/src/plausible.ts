/**
 * Well-formed messages with values that could mean something to the victim: known sublinks and names, numbers near the
 * ones that are due, objects of the right kind. Whether they are legal now is another matter.
 */
import { type Message, messageById, MESSAGES, type PlacedField } from "@ipcz/core/wire";
import type { SeededRandom } from "@ipcz/driver-mem";
import { type Composed, compose, composeDescriptors, type ObjectKind } from "./compose.ts";
import { type Knowledge, pick } from "./knowledge.ts";
import { PRIMARY_BYTES } from "./primary.ts";

const ALL_ONES = 2n ** 64n - 1n;
const NUMBERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  11n,
  12n,
  64n,
  1024n,
  999_999n,
  1_000_001n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 52n - 1n,
  2n ** 52n,
  2n ** 63n,
  ALL_ONES,
];
const SIZES = [64, 256, 512, 1024, 2048, 4096, 65_536, PRIMARY_BYTES];

/** A number that is special, small, or anything. */
export function anyNumber(random: SeededRandom): bigint {
  if (random.chance(0.5)) return BigInt(random.below(8));
  if (random.chance(0.8)) return pick(random, NUMBERS) ?? 0n;
  return (BigInt(random.next()) << 32n) | BigInt(random.next());
}

function writeFragment(view: DataView, at: number, known: Knowledge, random: SeededRandom): void {
  if (random.chance(0.3)) {
    view.setBigUint64(at, ALL_ONES, true);
    view.setBigUint64(at + 8, 0n, true);
    return;
  }
  view.setBigUint64(at, pick(random, known.buffers) ?? anyNumber(random), true);
  const offset = random.chance(0.9)
    ? 1024 + 64 * random.below(1484)
    : Number(anyNumber(random) & 0xffff_ffffn);
  view.setUint32(at + 8, offset, true);
  const size = random.chance(0.9)
    ? (pick(random, SIZES) ?? 64)
    : Number(anyNumber(random) & 0xffff_ffffn);
  view.setUint32(at + 12, size, true);
}

function sequenceNear(known: Knowledge, random: SeededRandom): bigint {
  if (random.chance(0.2)) return anyNumber(random);
  const sublink = known.sublink(random);
  return BigInt(Math.max(0, sublink.nextOut + random.below(4) - 1));
}

function sublinkId(known: Knowledge, random: SeededRandom): bigint {
  if (random.chance(0.1)) return anyNumber(random);
  return random.chance(0.15) ? known.newSublink() : known.sublink(random).id;
}

function numberFor(name: string, random: SeededRandom): number {
  if (name === "blockSize") return pick(random, SIZES) ?? 64;
  if (name === "numSubparcels") return random.chance(0.7) ? 1 : random.below(5);
  if (name === "subparcelIndex") return random.chance(0.7) ? 0 : random.below(4);
  return Number(anyNumber(random) & 0xffff_ffffn);
}

/** Writes a value that suits the field. */
function writeField(
  view: DataView,
  at: number,
  field: PlacedField,
  known: Knowledge,
  random: SeededRandom,
  objects: ObjectCursor,
): void {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- bytes of no consequence share the default
  switch (field.kind) {
    case "sublinkId":
      return view.setBigUint64(at, sublinkId(known, random), true);
    case "bufferId":
      return view.setBigUint64(
        at,
        random.chance(0.6) ? known.newBuffer() : (pick(random, known.buffers) ?? 1n),
        true,
      );
    case "sequence":
      return view.setBigUint64(at, sequenceNear(known, random), true);
    case "u64":
      return view.setBigUint64(at, anyNumber(random), true);
    case "u32":
      return view.setUint32(at, numberFor(field.name, random), true);
    case "u16":
      return view.setUint16(at, random.below(65_536), true);
    case "nodeName":
      return writeName(view, at, pick(random, known.names) ?? new Uint8Array(16));
    case "fragment":
      return writeFragment(view, at, known, random);
    case "objectIndex":
      return view.setUint32(at, objects.next(), true);
    case "objectRange": {
      view.setUint32(at, objects.used, true);
      return view.setUint32(at + 4, objects.rest(), true);
    }
    case "flag(0)":
    case "flag(1)": {
      const bit = field.kind === "flag(0)" ? 1 : 2;
      return view.setUint8(at, view.getUint8(at) | (random.chance(0.3) ? bit : 0));
    }
    default:
      return view.setUint8(at, random.below(2));
  }
}

function writeName(view: DataView, at: number, name: Uint8Array): void {
  for (let i = 0; i < 16; i++) view.setUint8(at + i, name[i] ?? 0);
}

/** Hands out the objects of a message in order. */
class ObjectCursor {
  used = 0;
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  next(): number {
    return this.used < this.count ? this.used++ : 0xffff_ffff;
  }

  rest(): number {
    const rest = this.count - this.used;
    this.used = this.count;
    return rest;
  }
}

function objectsFor(message: Message, random: SeededRandom): ObjectKind[] {
  const objects: ObjectKind[] = [];
  for (const [name, kind] of message.schema.v0) {
    if (kind === "objectIndex")
      objects.push(/transport/i.test(name) ? "transport" : memoryBytes(message, random));
    if (kind === "objectRange" && random.chance(0.4)) objects.push(pick(random, SIZES) ?? 64);
  }
  return objects;
}

function memoryBytes(message: Message, random: SeededRandom): number {
  if (random.chance(0.1)) return pick(random, [1, 8, 63, 4096, PRIMARY_BYTES - 8]) ?? 8;
  return message.id === 14 ? 65_536 : PRIMARY_BYTES;
}

function handleTypes(routers: number, boxes: number): Uint8Array {
  const types = new Uint32Array(routers + boxes);
  types.fill(1, routers);
  return new Uint8Array(types.buffer);
}

/** A relayed message rides inside; one level is all there is. */
function innerBytes(known: Knowledge, random: SeededRandom): Uint8Array {
  const inner = messageById(random.chance(0.5) ? 21 : 14);
  return inner ? plausible(inner, known, random).bytes : new Uint8Array(0);
}

/** Any message of this id with values that may mean something. */
export function plausible(message: Message, known: Knowledge, random: SeededRandom): Composed {
  const objects = objectsFor(message, random);
  const cursor = new ObjectCursor(objects.length);
  const write = (view: DataView, at: number, field: PlacedField): void =>
    writeField(view, at, field, known, random, cursor);
  const routers = message.id === 20 && random.chance(0.4) ? 1 + random.below(3) : 0;
  return compose(
    message,
    write,
    (field) => {
      if (field.kind === "array(handleType)") {
        const count = routers + (message.id === 20 ? objects.length : 0);
        return { bytes: handleTypes(routers, count - routers), count };
      }
      if (field.kind === "array(routerDescriptor)")
        return { bytes: composeDescriptors(routers, write), count: routers };
      if (field.kind === "array(featureWord)")
        return { bytes: Uint8Array.of(random.below(4), 0, 0, 0, 0, 0, 0, 0), count: 1 };
      const relay = message.id === 66 || message.id === 67;
      const bytes = relay ? innerBytes(known, random) : new Uint8Array(random.below(80));
      return { bytes, count: bytes.length };
    },
    objects,
  );
}

/** Any message at all. */
export function anyMessage(random: SeededRandom): Message {
  const parcel = MESSAGES.find(({ id }) => id === 20);
  const message = random.chance(0.2) ? parcel : pick(random, MESSAGES);
  if (!message) throw new Error("there are messages");
  return message;
}
