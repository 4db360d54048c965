/**
 * Where a named socket is: a path, or on Linux an abstract name, which begins with a 0 and leaves no file.
 */
import { lstatSync, unlinkSync, type Stats } from "node:fs";
import { Descriptor } from "./fd.ts";
import { errnos, PosixError } from "./os-error.ts";
import type { System } from "./system.ts";

/** A name, checked and encoded. */
export interface SocketName {
  readonly text: string;
  /** It has no file. */
  readonly isAbstract: boolean;
  /** The whole `sockaddr_un`. */
  readonly address: Uint8Array;
}

/** Throws, saying what is wrong, when the system knows no such name. */
export function socketName(system: System, text: string, syscall: string): SocketName {
  const bytes = new TextEncoder().encode(text);
  const isAbstract = bytes[0] === 0;
  const { named, name } = system.platform;
  if (bytes.length === 0 || (!isAbstract && bytes.includes(0)) || (isAbstract && name !== "linux"))
    throw new PosixError(syscall, -errnos.EINVAL, `"${text}" is no path for a socket`);
  if (bytes.length > named.pathBytesMax)
    throw new PosixError(
      syscall,
      -errnos.ENAMETOOLONG,
      `the path of a socket has at most ${named.pathBytesMax} bytes, this one has ${bytes.length}`,
    );
  return { text, isAbstract, address: named.address(bytes) };
}

/** A socket connected to `name`, or the negative of `errno`. */
export function connectedSocket(system: System, name: SocketName): Descriptor | number {
  const { libc, platform } = system;
  const number = platform.named.createSocket();
  if (number < 0) return number;
  const answer = libc.connect(number, name.address);
  if (answer >= 0) return new Descriptor(libc, number);
  libc.close(number);
  return answer;
}

/**
 * Removes the file of a listener that is gone, if that is what is in the way. A file of another kind and one that
 * somebody listens at stay.
 */
export function removeStale(system: System, name: SocketName): void {
  if (name.isAbstract) return;
  const before = fileAt(name.text);
  if (before?.isSocket() !== true) return;
  const probe = connectedSocket(system, name);
  if (typeof probe !== "number") probe.close();
  // Somebody may have begun to listen at the name meanwhile.
  else if (probe === -errnos.ECONNREFUSED && isSame(before, fileAt(name.text)))
    unlinkSync(name.text);
}

/** The file at `path`; null when there is none. */
export function fileAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

/** Whether both are the same file. */
export function isSame(one: Stats | null, other: Stats | null): boolean {
  return one !== null && other !== null && one.ino === other.ino && one.dev === other.dev;
}
