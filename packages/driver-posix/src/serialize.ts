/**
 * Objects into bytes and descriptors, and back (spec: api 3.3 and 3.4, wire 6.1, mojo 2).
 *
 * Any object that can travel can travel over any transport of this driver, and with no transport named at all.
 * What cannot: mappings, descriptors on their way, transports that were activated or still have something
 * to send, and kinds of objects that the codec does not know.
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
import { mayVouch } from "@ipcz/driver-base";
import { handlesPerObject, type ObjectDescription, type TransportPeer } from "@ipcz/mojo-codec";
import { CarriedDescriptor } from "./carried-descriptor.ts";
import { DataPipeEnd } from "./data-pipe.ts";
import { closeAll, type Descriptor } from "./fd.ts";
import { acceptMemory } from "./memory.ts";
import type { DriverObject } from "./objects.ts";
import type { DriverParts } from "./parts.ts";
import { adoptSocket } from "./socket-pair.ts";
import type { SocketTransport } from "./transport.ts";

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
      const sender = parts.objects.transport(transport);
      const object = description && rebuild(parts, description, descriptors, sender);
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
  const description = object ? describe(object) : null;
  // A transport cannot carry itself.
  const isAtHome = handle !== transport && isContext(parts, transport);
  const bytesNeeded = description && isAtHome ? parts.codec.objectBytes(description) : 0;
  if (!object || !description || bytesNeeded === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  const { data, numBytes, handles, numHandles } = outputs;
  const handlesNeeded = handlesPerObject(description);
  const bytesFit = data !== null && Math.min(numBytes?.value ?? 0, data.length) >= bytesNeeded;
  const handlesFit = handles !== null && (numHandles?.value ?? 0) >= handlesNeeded;
  if (numBytes) numBytes.value = bytesNeeded;
  if (numHandles) numHandles.value = handlesNeeded;
  if (!bytesFit || !handlesFit) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  const descriptors = surrenderAll(object);
  if (!descriptors) return IPCZ_RESULT_INVALID_ARGUMENT;
  parts.objects.take(handle);
  parts.codec.writeObject(data, description);
  for (const [index, name] of parts.objects.nameDescriptors(descriptors).entries()) {
    handles[index] = name;
  }
  return IPCZ_RESULT_OK;
}

/** What an object is to be on the wire; null for those that cannot travel, or cannot now. */
function describe(object: DriverObject): ObjectDescription | null {
  switch (object.kind) {
    case "memory":
    case "data-pipe":
      return object;
    case "platform-handle":
      return { kind: "platform-handle" };
    case "transport":
      if (!object.canSurrender()) return null;
      return { kind: "transport", isSameRemoteProcess: false, ...object.peer };
    case "mapping":
    case "descriptor":
      return null;
  }
}

/** The descriptors of an object that can travel; null, and the object unchanged, if it has none to give. */
function surrenderAll(object: DriverObject): readonly Descriptor[] | null {
  if (object.kind === "mapping") return null;
  if (object.kind === "memory") return object.surrenderAll();
  if (object.kind === "data-pipe") return object.buffer.surrenderAll();
  const descriptor = object.surrender();
  return descriptor && [descriptor];
}

/** No transport, or one of ours. */
function isContext(parts: DriverParts, transport: IpczDriverHandle): boolean {
  return transport === 0 || parts.objects.transport(transport) !== null;
}

/** Makes the object that came over `sender`; null when it cannot be. Its caller closes the descriptors then. */
function rebuild(
  parts: DriverParts,
  description: ObjectDescription,
  descriptors: readonly Descriptor[],
  sender: SocketTransport | null,
): DriverObject | null {
  const [descriptor] = descriptors;
  if (!descriptor || descriptors.length !== handlesPerObject(description)) return null;
  switch (description.kind) {
    case "memory":
      return acceptMemory(parts.system, descriptors, description);
    case "platform-handle":
      return new CarriedDescriptor(descriptor, "platform-handle");
    case "data-pipe": {
      const memory = acceptMemory(parts.system, descriptors, description.buffer);
      return memory && new DataPipeEnd(description, memory);
    }
    case "transport":
      if (description.isPeerTrusted && !mayVouch(sender?.peer ?? null)) return null;
      return acceptTransport(parts, descriptor, description);
  }
}

/**
 * A transport from a stranger's descriptor; null, and the descriptor closed, if it is no socket of the right
 * kind.
 */
function acceptTransport(
  parts: DriverParts,
  descriptor: Descriptor,
  { destination, isPeerTrusted, isTrustedByPeer }: TransportPeer,
): SocketTransport | null {
  try {
    const socket = adoptSocket(parts.system, descriptor.number);
    descriptor.release();
    return parts.createTransport(socket, { destination, isPeerTrusted, isTrustedByPeer });
  } catch {
    descriptor.close();
    return null;
  }
}
