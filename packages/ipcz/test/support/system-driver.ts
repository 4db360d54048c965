/**
 * The driver for this system, from its sources: what `new Node()` would take for itself, which is loaded as it is built.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import { winDriver, type WinDriver } from "@ipcz/driver-win";
import { isWindows } from "../../../../tools/conformance/src/runs-here.ts";

export type SystemDriver = PosixDriver | WinDriver;

/** What drivers of all systems can be told. */
export interface SystemDriverOptions {
  /** Whether files can be sent; on Windows they always can. */
  readonly descriptors?: boolean;
  readonly onBadTransportActivity?: (transport: IpczDriverHandle, context: unknown) => void;
}

export function systemDriver(options: SystemDriverOptions = {}): SystemDriver {
  return isWindows ? winDriver(options) : posixDriver(options);
}

/** Two connected transports, the second one of `other`, which may be the same driver. */
export function connectedTransports(
  driver: SystemDriver,
  other: SystemDriver,
): [IpczDriverHandle, IpczDriverHandle] {
  const none = 0 as IpczDriverHandle;
  const [first, second] = [{ value: none }, { value: none }];
  driver.CreateTransports(none, none, 0, null, first, second);
  return [first.value, driver === other ? second.value : moved(driver, second.value, other)];
}

function moved(
  from: SystemDriver,
  transport: IpczDriverHandle,
  to: SystemDriver,
): IpczDriverHandle {
  if ("releaseHandle" in from && "transportFromHandle" in to)
    return to.transportFromHandle(from.releaseHandle(transport));
  if ("transportFromDescriptor" in to)
    return to.transportFromDescriptor(from.releaseDescriptor(transport));
  throw new Error("two drivers of one kind");
}
