/**
 * The driver for the processes of this system. `new Node()` of the package ipcz chooses one by itself; these programs use
 * the table of functions.
 */
import process from "node:process";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import { winDriver, type WinDriver } from "@ipcz/driver-win";

export type SystemDriver = PosixDriver | WinDriver;

export function systemDriver(): SystemDriver {
  return process.platform === "win32" ? winDriver() : posixDriver();
}
