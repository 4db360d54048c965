/**
 * The driver of both ends.
 */
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";

/** As `new Node()` makes it, or with lanes of shared memory. */
export function driverWith(way: "socket" | "lane"): PosixDriver {
  return posixDriver({ descriptors: true, lanes: way === "lane" });
}
