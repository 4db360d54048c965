/**
 * Nodes of ours that are connected to each other; what they say is not what is counted.
 */
import { IPCZ_INVALID_DRIVER_HANDLE, IPCZ_RESULT_OK, type IpczDriverHandle } from "@ipcz/api";
import type { PosixDriver } from "@ipcz/driver-posix";
import type { LocalNode } from "ipcz";
import type { Traffic } from "./traffic.ts";

/** A node of ours, and its driver. */
export interface Member {
  readonly node: LocalNode;
  readonly driver: PosixDriver;
}

/** Two connected transports, one for each driver. */
export function transportsBetween(
  one: Member,
  other: Member,
): [IpczDriverHandle, IpczDriverHandle] {
  const none = IPCZ_INVALID_DRIVER_HANDLE;
  const [first, second] = [{ value: none }, { value: none }];
  const result = one.driver.CreateTransports(none, none, 0, null, first, second);
  if (result !== IPCZ_RESULT_OK) throw new Error("no pair of transports is to be had");
  const moved = other.driver.transportFromDescriptor(one.driver.releaseDescriptor(second.value));
  return [first.value, moved];
}

/** Makes `member` one of `broker`'s network; `traffic` watches both, and does not count what they say to each other. */
export function connectMembers(traffic: Traffic, broker: Member, member: Member): void {
  const [first, second] = transportsBetween(broker, member);
  traffic.exclude(broker.driver, first);
  traffic.exclude(member.driver, second);
  for (const portal of broker.node.connectTransport(first)) portal.close();
  for (const portal of member.node.connectTransport(second)) portal.close();
}
