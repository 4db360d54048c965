/**
 * Boxes: what is neither bytes nor a portal, wrapped so that it can be attached to a parcel.
 */
import type { IpczBoxType } from "./flags.ts";
import type { IpczDriverHandle, IpczHandle, Out } from "./handle.ts";
import type { IpczResult } from "./result.ts";

/**
 * Turns an application object into bytes and handles, when its box must leave the node.
 *
 * Called three times (spec: api 2.8.1): with everything null ("can it be done?", `FAILED_PRECONDITION` says no); with
 * both counts at 0 (answer `RESOURCE_EXHAUSTED` and set the counts, or `OK` for nothing at all); with buffers of
 * exactly those sizes (`OK`, buffers filled, counts written back). The handles become ipcz's.
 */
export type IpczApplicationObjectSerializer = (
  object: unknown,
  flags: number,
  options: null,
  data: Uint8Array | null,
  numBytes: Out<number> | null,
  handles: IpczHandle[] | null,
  numHandles: Out<number> | null,
) => IpczResult;

/** Ends an application object: once, when its box is closed, or after it has been serialized. */
export type IpczApplicationObjectDestructor = (
  object: unknown,
  flags: number,
  options: null,
) => void;

/** What is in a box. C: `IpczBoxContents`; the union's members are separate fields here, one of them in use. */
export interface IpczBoxContents {
  /** {@link IPCZ_BOX_CONTENTS_SIZE} or more. */
  size: number;
  /** An `IPCZ_BOX_TYPE_*` constant; says which field below is in use. */
  type: IpczBoxType;
  /** For `IPCZ_BOX_TYPE_DRIVER_OBJECT`. */
  driverObject: IpczDriverHandle;
  /** For `IPCZ_BOX_TYPE_APPLICATION_OBJECT`: any value. C: `uintptr_t`. */
  applicationObject: unknown;
  /** For `IPCZ_BOX_TYPE_SUBPARCEL`: a parcel object. */
  subparcel: IpczHandle;
  /** Application objects only; null: the object cannot leave this node. */
  serializer: IpczApplicationObjectSerializer | null;
  /** Application objects only; null: nothing to clean up. */
  destructor: IpczApplicationObjectDestructor | null;
}

/** The box part of {@link IpczAPI}. */
export interface IpczBoxFunctions {
  /**
   * Wraps a driver object or an application object.
   *
   * On `OK` the contents belong to the box, and the box to the caller. `INVALID_ARGUMENT`: not a node, `handle` or
   * `contents` null, `contents` too small, driver object 0. `UNIMPLEMENTED`: any other type.
   */
  Box(
    node: IpczHandle,
    contents: IpczBoxContents | null,
    flags: number,
    options: null,
    handle: Out<IpczHandle> | null,
  ): IpczResult;

  /**
   * Takes the contents out of a box and ends it, or with `IPCZ_UNBOX_PEEK` only describes them (they stay the box's).
   *
   * `INVALID_ARGUMENT`: `contents` null or too small, or not a box; the box is untouched then.
   */
  Unbox(
    handle: IpczHandle,
    flags: number,
    options: null,
    contents: IpczBoxContents | null,
  ): IpczResult;
}
