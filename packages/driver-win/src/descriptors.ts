/**
 * Descriptors of the application's (a file, a pipe) as objects that can be boxed and sent, and back.
 */
import { closeSync, fstatSync } from "node:fs";
import type { IpczDriverHandle } from "@ipcz/api";
import { WinHandle } from "./handle.ts";
import { checked } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { PlatformHandle } from "./platform-handle.ts";

/** Another descriptor for what `descriptor` names; the caller's. Throws a `WinError`, or what `fstat` throws. */
export function copyDescriptor({ system }: DriverParts, descriptor: number): number {
  const copy = copyOf(system, descriptor);
  try {
    return opened(system, copy);
  } catch (error) {
    copy.close();
    throw error;
  }
}

/** Makes an object of a descriptor; takes it unless it throws. */
export function wrapDescriptor(parts: DriverParts, descriptor: number): IpczDriverHandle {
  const handle = copyOf(parts.system, descriptor);
  closeSync(descriptor);
  return parts.objects.add(new PlatformHandle(handle));
}

/** Ends a wrapped handle and gives a descriptor for it to the caller. Throws for everything else, unchanged. */
export function releaseDescriptor(
  { objects, system }: DriverParts,
  name: IpczDriverHandle,
): number {
  const object = objects.get(name);
  if (object?.kind !== "platform-handle") throw new Error("that handle is no wrapped descriptor");
  const descriptor = opened(system, object.handle);
  objects.take(name);
  return descriptor;
}

function copyOf(system: DriverParts["system"], descriptor: number): WinHandle {
  // Asking for its state tells a descriptor from a number.
  fstatSync(descriptor);
  const handle = checked("_get_osfhandle", system.handleOfDescriptor(descriptor));
  return new WinHandle(system, checked("DuplicateHandle", system.duplicateHandle(handle)));
}

/** Takes the handle unless it throws. */
function opened(system: DriverParts["system"], handle: WinHandle): number {
  const descriptor = checked("_open_osfhandle", system.openDescriptor(handle.value));
  handle.release();
  return descriptor;
}
