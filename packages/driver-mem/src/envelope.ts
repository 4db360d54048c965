/** What a driver may attach to a message as a whole. It does nothing but be counted until ipcz closes it. */
import { IPCZ_INVALID_DRIVER_HANDLE, type IpczDriverHandle } from "@ipcz/api";
import { NOBODY, type MemObject, type OwnerId } from "./objects.ts";

/** The envelope of one delivered message (spec: api 3.5.3). */
export class MemEnvelope implements MemObject {
  readonly kind: "envelope" = "envelope" as const;
  handle: IpczDriverHandle = IPCZ_INVALID_DRIVER_HANDLE;
  owner: OwnerId = NOBODY;
  slot = -1;
  readonly travels: boolean = false;

  release(): void {
    // Nothing is behind it.
  }
}
