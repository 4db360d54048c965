/**
 * What the reader by hand says of a message, in the words of decodeParams; null when it leaves the message to the schema.
 * The message lies somewhere in a larger buffer, as a driver's do.
 */
import { PlainParcel, readPlainParcel } from "../../src/wire/accept-parcel.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { NO_BUFFER } from "../../src/wire/ids.ts";
import type { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import type { MessageOf } from "../../src/wire/schema.ts";

const START = 20;
const into = new PlainParcel();

export function readByHand(
  message: Uint8Array,
  numBytes: number = message.length,
): MessageOf<typeof AcceptParcel> | null {
  const bytes = new Uint8Array(START + message.length + 12).fill(0xee);
  bytes.set(message, START);
  if (!readPlainParcel(bytes, START, numBytes, into)) return null;
  const { bufferId, fragmentOffset, fragmentSize, dataStart, dataLength } = into;
  return {
    sublink: into.sublink,
    sequenceNumber: into.sequenceNumber,
    subparcelIndex: 0,
    numSubparcels: 1,
    parcelFragment:
      bufferId === NO_BUFFER
        ? NULL_FRAGMENT
        : { bufferId, offset: fragmentOffset, size: fragmentSize },
    parcelData: bytes.slice(dataStart, dataStart + dataLength),
    handleTypes: [],
    newRouters: [],
    driverObjects: { first: 0, count: 0 },
  };
}
