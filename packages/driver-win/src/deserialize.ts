/**
 * Bytes into objects (spec: api 3.4, mojo 2). The bytes are a stranger's, and so are the numbers in them that claim to
 * be handles: who may name them is asked first, then they are moved here, then it is seen what they are.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriverHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { readObject, type ObjectDescription, type TransportDescription } from "@ipcz/mojo-codec";
import { PipeEnd } from "./end.ts";
import { closeAll, WinHandle } from "./handle.ts";
import { acceptMemory } from "./memory.ts";
import type { DriverObject } from "./objects.ts";
import type { DriverParts } from "./parts.ts";
import { PlatformHandle } from "./platform-handle.ts";
import { receiveHandles, type ReceivedHandles } from "./receive-handles.ts";
import { believedPeer, sameRemote, type Relation, type RemoteProcess } from "./relation.ts";

/** `Deserialize`; `numHandles` that came beside the bytes are too many, whatever they are. */
export function deserialize(
  parts: DriverParts,
  data: Uint8Array | null,
  numBytes: number,
  over: IpczDriverHandle,
  out: Out<IpczDriverHandle>,
): IpczResult {
  const carrier = parts.objects.transport(over);
  const isRange = data !== null && numBytes <= data.length;
  const read = carrier && isRange ? readObject(data, numBytes, "inside") : null;
  if (!carrier || !read?.handles || !isCount(read.object, read.handles.values.length)) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const received = receiveHandles(parts, carrier.end.relation, read.handles);
  if (!received) return IPCZ_RESULT_INVALID_ARGUMENT;
  const object = rebuild(parts, read.object, received, carrier.end.relation);
  if (!object) {
    closeAll(received.handles);
    received.end?.close();
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  out.value = parts.objects.add(object);
  return IPCZ_RESULT_OK;
}

/** A transport may bring the process at its far end; all others are one handle. */
function isCount({ kind }: ObjectDescription, count: number): boolean {
  return count === 1 || (count === 2 && kind === "transport");
}

/** Makes the object; null when it is not what it claims to be. Its caller closes what was received then. */
function rebuild(
  parts: DriverParts,
  description: ObjectDescription,
  received: ReceivedHandles,
  carrier: Relation,
): DriverObject | null {
  const [handle] = received.handles;
  if (!handle) return null;
  switch (description.kind) {
    case "memory":
      return received.end ? null : acceptMemory(parts.system, handle, description);
    case "platform-handle":
      return received.end ? null : new PlatformHandle(handle);
    case "transport":
      return acceptTransport(parts, description, received, carrier);
    case "data-pipe":
      return null;
  }
}

function acceptTransport(
  parts: DriverParts,
  description: TransportDescription,
  { handles, end }: ReceivedHandles,
  carrier: Relation,
): DriverObject | null {
  const [handle, process] = handles;
  if (!handle || !parts.system.isPipe(handle.value)) return null;
  // It has not left the process, and is what it was.
  if (end) return process ? null : parts.createTransport(handle, end);
  // A handle of a process gives no more power than whoever sent it had.
  if (process && parts.system.processId(process.value) === 0) return null;
  const remote = remoteOf(description, process ?? null, carrier);
  const relation: Relation = {
    self: carrier.self,
    peer: believedPeer(description, carrier.peer),
    remote,
    pid: remote instanceof WinHandle ? parts.system.processId(remote.value) : 0,
  };
  return parts.createTransport(handle, new PipeEnd(relation));
}

function remoteOf(
  { isSameRemoteProcess }: TransportDescription,
  process: WinHandle | null,
  carrier: Relation,
): RemoteProcess {
  if (process) return process;
  if (!isSameRemoteProcess) return null;
  return sameRemote(carrier.remote);
}
