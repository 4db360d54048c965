/** A mapping: the same bytes again. It owns the region, so it outlives the memory handle it was made from. */
import { IPCZ_INVALID_DRIVER_HANDLE, type IpczDriverHandle } from "@ipcz/api";
import type { Region } from "./memory.ts";
import { NOBODY, type MemObject, type OwnerId } from "./objects.ts";

/** One mapping of a region; never travels. */
export class MemMapping implements MemObject {
  readonly kind: "mapping" = "mapping" as const;
  handle: IpczDriverHandle = IPCZ_INVALID_DRIVER_HANDLE;
  owner: OwnerId = NOBODY;
  slot = -1;
  readonly travels: boolean = false;
  private readonly region: Region;

  constructor(region: Region) {
    this.region = region;
    region.addOwner();
  }

  /** A new view of the whole region. */
  view(): Uint8Array {
    return new Uint8Array(this.region.buffer);
  }

  release(): void {
    this.region.removeOwner();
  }
}
