/**
 * A parcel's bytes in a fragment of the memory shared over one link, which stays mapped until they are released.
 */
import { verify } from "../base/assert.ts";
import type { BytesHome } from "../memory/bytes-home.ts";
import type { Fragment } from "../memory/fragment.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import { PARCEL_HEADER_BYTES, writeParcelSize } from "../memory/parcel-fragment.ts";
import type { Region } from "../memory/region.ts";

export class FragmentBytes implements BytesHome {
  readonly memory: LinkMemory;
  /** Null once it was released or given up. */
  private fragment: Fragment | null;
  private readonly region: Region;

  /** Takes the fragment, an addressable one of `memory`. */
  constructor(memory: LinkMemory, fragment: Fragment) {
    memory.retain();
    this.memory = memory;
    this.fragment = fragment;
    this.region = verify(fragment.region, "a parcel is in an addressable fragment");
  }

  /** Where the parcel's bytes start in it, as for all places in it. */
  get start(): number {
    return this.descriptor.offset + PARCEL_HEADER_BYTES;
  }

  /** Bytes that there is room for. */
  get room(): number {
    return this.descriptor.size - PARCEL_HEADER_BYTES;
  }

  view(start: number, numBytes: number): Uint8Array {
    return this.region.bytes(start, numBytes);
  }

  copyIn(start: number, source: Uint8Array, numBytes: number): void {
    this.region.copyIn(start, source, numBytes);
  }

  copyOut(start: number, target: Uint8Array, numBytes: number): void {
    this.region.copyOut(start, target, numBytes);
  }

  /** Gives up the fragment, in which so many bytes are: whoever gets its descriptor owns it from now on. */
  giveUp(numBytes: number): Fragment {
    const { fragment } = this;
    const given = verify(fragment, "a fragment is given up once");
    writeParcelSize(given, numBytes);
    this.fragment = null;
    this.memory.release();
    return given;
  }

  release(): void {
    const { descriptor } = this;
    this.fragment = null;
    this.memory.freeFragment(descriptor);
    this.memory.release();
  }

  private get descriptor(): Fragment["descriptor"] {
    return verify(this.fragment, "parcel data is used before its release").descriptor;
  }
}
