/** Messages a decent peer would send now; they bring the victim into states in which wrong ones hurt. */
import { type Message, messageById, type PlacedField } from "@ipcz/core/wire";
import type { SeededRandom } from "@ipcz/driver-mem";
import {
  type Composed,
  compose,
  composeDescriptors,
  type ElementsOf,
  type ObjectKind,
} from "./compose.ts";
import type { Knowledge, KnownSublink } from "./knowledge.ts";

const ALL_ONES = 2n ** 64n - 1n;

function messageOf(id: number): Message {
  const message = messageById(id);
  if (!message) throw new Error("a message of the protocol");
  return message;
}

/** Named fields get their value, ids of none theirs, the rest 0. */
function writer(values: Readonly<Record<string, bigint | readonly [number, number]>>) {
  return (view: DataView, at: number, { name, kind }: PlacedField): void => {
    const value = values[name];
    if (kind === "fragment") view.setBigUint64(at, ALL_ONES, true);
    if (value === undefined) return;
    if (typeof value !== "bigint") {
      view.setUint32(at, value[0], true);
      view.setUint32(at + 4, value[1], true);
    } else if (kind === "u32" || kind === "objectIndex") view.setUint32(at, Number(value), true);
    else view.setBigUint64(at, value, true);
  };
}

/** The next parcel of a sublink, with data, new portals and boxed memory. */
export function legalParcel(
  known: Knowledge,
  sublink: KnownSublink,
  random: SeededRandom,
): Composed {
  const routers = random.chance(0.25) ? 1 + random.below(2) : 0;
  const objects: ObjectKind[] = random.chance(0.1) ? [4096] : [];
  const descriptors = composeDescriptors(routers, (view, at, field) =>
    writer(field.name === "newSublink" ? { newSublink: nextSublink(known) } : {})(view, at, field),
  );
  return parcelOf(sublink, new Uint8Array(random.below(40)), objects, {
    bytes: descriptors,
    count: routers,
  });
}

/** The next parcel of a sublink. */
export function parcelOf(
  sublink: KnownSublink,
  data: Uint8Array,
  objects: readonly ObjectKind[],
  routers: ReturnType<ElementsOf> = empty(),
): Composed {
  const write = writer({
    sublink: sublink.id,
    sequenceNumber: BigInt(sublink.nextOut++),
    numSubparcels: 1n,
    driverObjects: [0, objects.length],
  });
  const types = new Uint32Array(routers.count + objects.length);
  types.fill(1, routers.count);
  return compose(
    messageOf(20),
    write,
    (field) => {
      if (field.kind === "array(handleType)")
        return { bytes: new Uint8Array(types.buffer), count: types.length };
      return field.kind === "array(routerDescriptor)"
        ? routers
        : { bytes: data, count: data.length };
    },
    objects,
  );
}

/** How a node greets the broker it joins. */
export function memberGreeting(numInitialPortals: number): Composed {
  return compose(messageOf(1), writer({ numInitialPortals: BigInt(numInitialPortals) }), empty, []);
}

function nextSublink(known: Knowledge): bigint {
  return known.addSublink(known.newSublink()).id;
}

function empty(): { bytes: Uint8Array; count: number } {
  return { bytes: new Uint8Array(0), count: 0 };
}

/** One more step of a decent peer. */
export function legalStep(known: Knowledge, random: SeededRandom): Composed {
  const sublink = known.sublink(random);
  const choice = random.below(10);
  if (choice < 7) return legalParcel(known, sublink, random);
  const closing = choice === 7;
  const values = { sublink: sublink.id, sequenceLength: BigInt(sublink.nextOut) };
  if (closing) known.sublinks.splice(known.sublinks.indexOf(sublink), 1);
  return compose(messageOf(closing ? 22 : 36), writer(values), empty, []);
}
