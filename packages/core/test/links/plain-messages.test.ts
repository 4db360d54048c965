/** What stands in a kept buffer must not show in the next message. */
import { describe, expect, it } from "vitest";
import { PlainMessages } from "../../src/links/plain-messages.ts";
import { acceptParcelBytes } from "../../src/wire/accept-parcel.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { Random } from "../wire/random.ts";

const SEED = 7;
const SUBLINKS = [3, 4, 2 ** 40 + 3] as SublinkId[];
const NUMBERS = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40];
const SIZES = [0, 1, 8, 13, 64, 200];

function byTheSchema(sublink: SublinkId, sequenceNumber: number, data: Uint8Array): Uint8Array {
  return encodeMessage(AcceptParcel, {
    sublink,
    sequenceNumber,
    subparcelIndex: 0,
    numSubparcels: 1,
    parcelFragment: NULL_FRAGMENT,
    parcelData: data,
    handleTypes: [],
    newRouters: [],
    driverObjects: { first: 0, count: 0 },
  });
}

/** Takes a message with `data` and compares it. */
function taken(
  messages: PlainMessages,
  sublink: SublinkId,
  sequenceNumber: number,
  data: Uint8Array,
): Uint8Array {
  const message = messages.takeWithBytes(sublink, sequenceNumber, data, data.length);
  const bytes = message.subarray(0, acceptParcelBytes(data.length));
  expect(bytes).toEqual(byTheSchema(sublink, sequenceNumber, data));
  return message;
}

describe("messages of plain parcels in a kept buffer", () => {
  it(`are those of the schema, whatever came before (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const messages = new PlainMessages();
    let same = 0;
    let before = "";
    for (let round = 0; round < 2000; round++) {
      const [sublink, size] = [random.pick(SUBLINKS.slice(0, 2)), random.pick(SIZES.slice(3, 5))];
      const often = random.below(4) > 0;
      const what = often ? `${sublink} ${size}` : "other";
      if (what === before) same++;
      before = what;
      const message = often
        ? taken(messages, sublink, random.pick(NUMBERS), random.bytes(size))
        : taken(messages, random.pick(SUBLINKS), random.u32(), random.bytes(random.pick(SIZES)));
      messages.give(message);
      if (random.below(8) > 0) continue;
      // Another kind of message gets the buffer.
      const other = messages.take(96);
      other.fill(0xff);
      messages.give(other);
    }
    expect(same).toBeGreaterThan(100);
  });

  it.each([8, 200])("hold the first %d bytes of what is lent, and no more", (size) => {
    const messages = new PlainMessages();
    const data = new Uint8Array(size * 2).fill(1, 0, size).fill(9, size);
    const message = messages.takeWithBytes(SUBLINKS[0]!, 0, data, size);
    const bytes = message.subarray(0, acceptParcelBytes(size));
    expect(bytes).toEqual(byTheSchema(SUBLINKS[0]!, 0, data.subarray(0, size)));
  });

  it("have buffers of their own while they are used", () => {
    const messages = new PlainMessages();
    const data = new Uint8Array(64).fill(1);
    messages.give(taken(messages, SUBLINKS[0]!, 0, data));
    const outer = taken(messages, SUBLINKS[0]!, 1, data);
    const before = outer.slice();
    const inner = taken(messages, SUBLINKS[0]!, 2, data);
    expect(outer).toEqual(before);
    messages.give(inner);
    messages.give(outer);
    messages.give(taken(messages, SUBLINKS[0]!, 3, data));
  });

  it("can be larger than what is kept", () => {
    const messages = new PlainMessages();
    for (const size of [5000, 5000, 64])
      messages.give(taken(messages, SUBLINKS[1]!, size, new Uint8Array(size).fill(2)));
  });
});
