/**
 * Handles of this process that its messages may name: right ones, and such of the wrong kind. They are never closed:
 * whoever is sent one takes it away.
 */
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import type { IpczDriverHandle } from "@ipcz/api";
import { winDriver, type WinDriver } from "@ipcz/driver-win";
import type { ObjectKind } from "./compose.ts";
import { cell, must } from "./calls.ts";
import { allocateMemory } from "./primary.ts";

const NONE = 0 as IpczDriverHandle;

export class OwnHandles {
  private readonly driver: WinDriver = winDriver();

  /** The number of a handle of what a decent peer would send. */
  of(kind: ObjectKind): bigint {
    return kind === "transport" ? this.pipe() : this.memory(kind);
  }

  /** A file, opened for reading. */
  file(): bigint {
    const opened = openSync(process.execPath, "r");
    const wrapped = this.driver.wrapDescriptor(this.driver.copyDescriptor(opened));
    closeSync(opened);
    return BigInt(this.driver.releaseHandle(wrapped));
  }

  private memory(numBytes: number): bigint {
    return BigInt(this.driver.releaseHandle(allocateMemory(this.driver, numBytes)));
  }

  /** One end of a pipe; the other stays here. */
  private pipe(): bigint {
    const [ours, theirs] = [cell(), cell()];
    const result = this.driver.CreateTransports(NONE, NONE, 0, null, ours, theirs);
    must(result === 0, "a pipe is made");
    return BigInt(this.driver.releaseHandle(theirs.value));
  }
}
