/**
 * What a test of the table is run against.
 */
import type { IpczAPI, IpczDriver, IpczResult } from "@ipcz/api";

/** An implementation of the table, and a driver for its nodes. */
export interface TableSubject {
  readonly name: string;
  readonly api: IpczAPI;
  /**
   * False for an implementation whose handles are addresses: a number that could be one and names nothing crashes it, so
   * none is made up (spec: api 9, D16).
   */
  readonly survivesMadeUpHandles: boolean;
  /** A new driver whose transports deliver on the stack of the sender. */
  makeDriver(): IpczDriver;
  /** `IpczGetAPI`, where the table is filled into storage of the caller; absent where `getAPI` returns it. */
  readonly fillTable?: (table: { size: number } | null) => IpczResult;
  /** What exists in this process, by name: driver objects, routers. Whatever is there afterwards was left over. */
  leaks(): Readonly<Record<string, number>>;
}
