/**
 * Objects out of bare handles, and back.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import type { TransportPeer } from "@ipcz/mojo-codec";
import { PipeEnd } from "./end.ts";
import { WinHandle } from "./handle.ts";
import type { DriverParts } from "./parts.ts";
import { unknownRelation } from "./relation.ts";

/** The connected end of a pipe as a transport; takes it unless it throws. */
export function transportFromHandle(
  parts: DriverParts,
  value: number,
  peer: TransportPeer | null,
): IpczDriverHandle {
  const { local, objects, system } = parts;
  if (!Number.isInteger(value) || value <= 0 || !system.isPipe(value)) {
    throw new Error(`${value} is not the handle of a pipe`);
  }
  for (const [, object] of objects.entries()) {
    if (object.kind === "transport" && object.unusedHandle?.value === value) {
      throw new Error(`handle ${value} belongs to an object of this driver`);
    }
  }
  const known = local.find(value)?.claim();
  const end =
    (peer === null ? known?.end : null) ??
    new PipeEnd({ ...unknownRelation, peer: peer ?? unknownRelation.peer });
  const handle = known?.handle ?? new WinHandle(system, value);
  return objects.add(parts.createTransport(handle, end));
}

/** The handle behind an object. */
export function handleOf({ objects }: DriverParts, name: IpczDriverHandle): number {
  const object = objects.get(name);
  if (!object || object.kind === "mapping") throw new Error("that object has no handle");
  const handle = object.kind === "transport" ? object.unusedHandle : object.handle;
  if (handle) return handle.value;
  throw new Error("a transport in use keeps its handle");
}

/** Ends an object and gives its handle away. */
export function releaseHandle(parts: DriverParts, name: IpczDriverHandle): number {
  const { local, objects } = parts;
  const value = handleOf(parts, name);
  const object = objects.take(name);
  if (object?.kind !== "transport") {
    if (object && object.kind !== "mapping") object.handle.release();
    return value;
  }
  const handle = object.surrender();
  if (object.end.relation.remote === "own") {
    // Until somebody makes a transport of it, what it was is kept with its number.
    if (handle) local.put(handle, object.end, null);
  } else {
    handle?.release();
    object.end.close();
  }
  return value;
}
