/**
 * A program's serializer, called once, as the serializer of the table, called three times: may it travel, how big is
 * it, write it.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczApplicationObjectSerializer,
  type IpczHandle,
} from "@ipcz/api";
import {
  type Attachable,
  attachmentsOf,
  bytesOf,
  handOverAll,
  offerAll,
  type Puttable,
} from "./carried.ts";

/** What a value becomes on its way to another process. */
export type SerializedObject = Puttable;

interface Prepared {
  readonly bytes: Uint8Array;
  readonly attachments: readonly Attachable[];
  readonly handles: readonly IpczHandle[];
}

/** What throws counts as "it cannot be serialized", and is reported as uncaught by the table. */
export function serializerOf(serialize: () => SerializedObject): IpczApplicationObjectSerializer {
  let prepared: Prepared | null = null;
  return (_object, _flags, _options, data, numBytes, handles, numHandles) => {
    // Asked whether it can be done at all; it can, unless the program's function throws later.
    if (!numBytes || !numHandles) return IPCZ_RESULT_OK;
    prepared ??= prepare(serialize());
    const { bytes, attachments } = prepared;
    const hasRoom = numBytes.value >= bytes.length && numHandles.value >= attachments.length;
    numBytes.value = bytes.length;
    numHandles.value = attachments.length;
    if (!hasRoom) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    if ((bytes.length > 0 && !data) || (attachments.length > 0 && !handles))
      return IPCZ_RESULT_INVALID_ARGUMENT;
    data?.set(bytes);
    for (const [index, handle] of prepared.handles.entries()) if (handles) handles[index] = handle;
    handOverAll(attachments);
    prepared = null;
    return IPCZ_RESULT_OK;
  };
}

function prepare(puttable: Puttable): Prepared {
  const attachments = attachmentsOf(puttable);
  return { bytes: bytesOf(puttable), attachments, handles: offerAll(attachments) };
}
