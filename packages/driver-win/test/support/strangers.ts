/**
 * Two ends of a pipe that are told nothing of each other, as between two processes that have no power over each other.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { unknownPeer } from "@ipcz/driver-base";
import type { WinDriver } from "../../src/driver.ts";

/** Makes them; they are the caller's. */
export function strangers(driver: WinDriver): readonly [IpczDriverHandle, IpczDriverHandle] {
  const none = 0 as IpczDriverHandle;
  const [first, second] = [{ value: none }, { value: none }];
  const result = driver.CreateTransports(none, none, 0, null, first, second);
  if (result !== 0) throw new Error(`CreateTransports answered ${result}`);
  const forget = (end: IpczDriverHandle): IpczDriverHandle =>
    driver.transportFromHandle(driver.releaseHandle(end), unknownPeer);
  return [forget(first.value), forget(second.value)];
}
