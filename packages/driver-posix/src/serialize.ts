/**
 * Objects into bytes and one descriptor, and back (spec: api 3.3 and 3.4, wire 6.1).
 *
 * Any object that can travel can travel over any transport of this driver, and with no transport named at all.
 * What cannot: mappings, descriptors on their way, and transports that were activated or still have something
 * to send.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import type { ObjectDescription } from "./codec.ts";
import { closeAll, type Descriptor } from "./fd.ts";
import { acceptMemory, type SharedMemory } from "./memory.ts";
import type { DriverObject } from "./objects.ts";
import type { DriverParts } from "./parts.ts";
import { adoptSocket } from "./socket-pair.ts";
import type { SocketTransport } from "./transport.ts";

/** Every object is one descriptor beside its bytes. */
const handlesPerObject = 1;

/** `Serialize` and `Deserialize`. */
export function objectFunctions(parts: DriverParts): Pick<IpczDriver, "Serialize" | "Deserialize"> {
  return {
    Serialize: (handle, transport, _flags, _options, data, numBytes, handles, numHandles) =>
      serialize(parts, handle, transport, { data, numBytes, handles, numHandles }),
    Deserialize: (data, numBytes, handles, numHandles, transport, _flags, _options, out) => {
      // Whatever happens, the handles are ours now.
      const descriptors = parts.objects.takeDescriptors(handles, numHandles);
      if (!descriptors) return IPCZ_RESULT_INVALID_ARGUMENT;
      const valid = isContext(parts, transport) && data !== null && numBytes <= data.length;
      const description = valid ? parts.codec.readObject(data, numBytes) : null;
      const object = description && rebuild(parts, description, descriptors);
      if (!object) {
        closeAll(descriptors);
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      out.value = parts.objects.add(object);
      return IPCZ_RESULT_OK;
    },
  };
}

interface SerializeOutputs {
  readonly data: Uint8Array | null;
  readonly numBytes: Out<number> | null;
  readonly handles: IpczDriverHandle[] | null;
  readonly numHandles: Out<number> | null;
}

function serialize(
  parts: DriverParts,
  handle: IpczDriverHandle,
  transport: IpczDriverHandle,
  outputs: SerializeOutputs,
): IpczResult {
  const object = parts.objects.get(handle);
  if (!object || !canTravel(object)) return IPCZ_RESULT_INVALID_ARGUMENT;
  // A transport cannot carry itself.
  const carried = handle === transport || !isContext(parts, transport);
  if (carried) return IPCZ_RESULT_INVALID_ARGUMENT;
  const { data, numBytes, handles, numHandles } = outputs;
  const { objectBytes } = parts.codec;
  const bytesFit = data !== null && Math.min(numBytes?.value ?? 0, data.length) >= objectBytes;
  const handlesFit = handles !== null && (numHandles?.value ?? 0) >= handlesPerObject;
  if (numBytes) numBytes.value = objectBytes;
  if (numHandles) numHandles.value = handlesPerObject;
  if (!bytesFit || !handlesFit) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  const descriptor = object.surrender();
  if (!descriptor) return IPCZ_RESULT_INVALID_ARGUMENT;
  parts.objects.take(handle);
  parts.codec.writeObject(data, describe(object));
  const [name] = parts.objects.nameDescriptors([descriptor]);
  handles[0] = name as IpczDriverHandle;
  return IPCZ_RESULT_OK;
}

function canTravel(object: DriverObject): object is SocketTransport | SharedMemory {
  return object.kind === "memory" || (object.kind === "transport" && object.canSurrender());
}

/** No transport, or one of ours. */
function isContext(parts: DriverParts, transport: IpczDriverHandle): boolean {
  return transport === 0 || parts.objects.transport(transport) !== null;
}

function describe(object: SocketTransport | SharedMemory): ObjectDescription {
  return { kind: object.kind, numBytes: object.kind === "memory" ? object.numBytes : 0 };
}

function rebuild(
  parts: DriverParts,
  description: ObjectDescription,
  descriptors: readonly Descriptor[],
): DriverObject | null {
  const [descriptor] = descriptors;
  if (!descriptor || descriptors.length !== handlesPerObject) return null;
  if (description.kind === "memory") {
    return acceptMemory(parts.system, descriptor, description.numBytes);
  }
  return acceptTransport(parts, descriptor);
}

/**
 * A transport from a stranger's descriptor; null, and the descriptor closed, if it is no socket of the right
 * kind.
 */
function acceptTransport(parts: DriverParts, descriptor: Descriptor): SocketTransport | null {
  try {
    const socket = adoptSocket(parts.system, descriptor.number);
    descriptor.release();
    return parts.createTransport(socket);
  } catch {
    descriptor.close();
    return null;
  }
}
