/**
 * The driver of each process of an attack. With lanes, which the environment says to processes that this one starts,
 * everything is attacked over them.
 */
import process from "node:process";
import { posixDriver, type PosixDriver, type PosixDriverOptions } from "@ipcz/driver-posix";
import { winDriver, type WinDriver } from "@ipcz/driver-win";

const VARIABLE = "IPCZ_HOSTILE_LANES";

/** Whether drivers have lanes from now on, in this process and those it starts. */
export function wantLanes(wanted: boolean): void {
  if (wanted) process.env[VARIABLE] = "1";
  else delete process.env[VARIABLE];
}

export function lanesWanted(): boolean {
  return process.env[VARIABLE] !== undefined;
}

/** A driver for the processes of some system. */
export type SystemDriver = PosixDriver | WinDriver;

/** That of this system. */
export function openSystemDriver(): SystemDriver {
  return process.platform === "win32" ? winDriver() : openDriver();
}

/** Lanes are offered from the first message on, and the smallest rings are full soonest. */
export function openDriver(options: PosixDriverOptions = {}): PosixDriver {
  const lanes = lanesWanted() && { afterMessages: 1, ringBytes: 64 * 1024 };
  return posixDriver({ lanes, ...options });
}
