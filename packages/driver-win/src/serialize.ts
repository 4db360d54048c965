/**
 * Objects into bytes (spec: api 3.3, mojo 2). On Windows handles are inside the bytes, so there are never any beside
 * them.
 *
 * What cannot travel: mappings, and transports that are in use. What cannot travel everywhere: everything else, since
 * somebody must be able to move handles between the two processes.
 */
import {
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriverHandle,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import {
  objectBytes,
  writeObject,
  type InlineHandles,
  type ObjectDescription,
} from "@ipcz/mojo-codec";
import { loadCargo } from "./cargo.ts";
import type { PipeEnd } from "./end.ts";
import { WinHandle } from "./handle.ts";
import type { DriverObject } from "./objects.ts";
import type { DriverParts } from "./parts.ts";
import { carriageOf, mayHaveProcesses, mirroredPeer, type Relation } from "./relation.ts";
import type { PipeTransport } from "./transport.ts";

/** Where the bytes go, and where it is said how many there are. */
export interface SerializeOutputs {
  readonly data: Uint8Array | null;
  readonly numBytes: Out<number> | null;
  readonly numHandles: Out<number> | null;
}

/** `Serialize`. */
export function serialize(
  parts: DriverParts,
  handle: IpczDriverHandle,
  over: IpczDriverHandle,
  { data, numBytes, numHandles }: SerializeOutputs,
): IpczResult {
  const object = parts.objects.get(handle);
  const carrier = parts.objects.transport(over);
  const isAtHome = handle !== over && (over === 0 || carrier !== null);
  if (!object || !isAtHome || !canTravel(object)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!carrier) return IPCZ_RESULT_ABORTED;
  const carriage = carriageOf(carrier.end.relation);
  if (carriage === "denied") return IPCZ_RESULT_PERMISSION_DENIED;
  const isLeaving = carriage !== "within";
  if (object.kind === "transport" && isLeaving && !object.end.mayLeave) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const description = describe(object, carrier.end.relation);
  const process = isLeaving ? processToSend(object, carrier) : null;
  const needed = objectBytes(description, placeholders(process ? 2 : 1));
  const fits = data !== null && Math.min(numBytes?.value ?? 0, data.length) >= needed;
  if (numBytes) numBytes.value = needed;
  if (numHandles) numHandles.value = 0;
  if (!fits) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  const extra = process?.duplicate() ?? null;
  if (process && !extra) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  const handles = [heldBy(object), ...(extra ? [extra] : [])];
  const cargo = loadCargo(parts, carriage, carrier.end, handles, endOf(object));
  if (typeof cargo === "number") {
    extra?.close();
    // Handles cannot be moved into a process that is gone, nor will anything else.
    return IPCZ_RESULT_NOT_FOUND;
  }
  parts.objects.take(handle);
  if (object.kind === "transport") object.surrender();
  writeObject(data, description, cargo.handles);
  carrier.load(cargo);
  return IPCZ_RESULT_OK;
}

type Traveller = Exclude<DriverObject, { readonly kind: "mapping" }>;

function canTravel(object: DriverObject): object is Traveller {
  if (object.kind === "transport") return object.canSurrender;
  return object.kind !== "mapping";
}

function describe(object: Traveller, carrier: Relation): ObjectDescription {
  if (object.kind === "memory") return object;
  if (object.kind === "platform-handle") return { kind: "platform-handle" };
  const { peer, remote } = object.end.relation;
  const isOurs = remote === "own";
  return {
    kind: "transport",
    isSameRemoteProcess: isOurs,
    ...(isOurs ? mirroredPeer(carrier) : peer),
  };
}

/** The process at a transport's far end, where who gets the transport may have power over it. */
function processToSend(object: Traveller, carrier: PipeTransport): WinHandle | null {
  if (object.kind !== "transport") return null;
  const { remote } = object.end.relation;
  return remote instanceof WinHandle && mayHaveProcesses(carrier.end.relation) ? remote : null;
}

function heldBy(object: Traveller): WinHandle {
  if (object.kind !== "transport") return object.handle;
  const { unusedHandle } = object;
  if (unusedHandle) return unusedHandle;
  throw new Error("a transport that may be surrendered has its handle");
}

function endOf(object: Traveller): PipeEnd | null {
  return object.kind === "transport" ? object.end : null;
}

/** Handles that are not known yet, but how many there will be. */
function placeholders(count: number): InlineHandles {
  return { owner: "sender", values: Array.from({ length: count }, () => 0n) };
}
