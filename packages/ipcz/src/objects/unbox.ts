/**
 * What is in a box, as the table describes it.
 */
import {
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  type IpczAPI,
  type IpczBoxContents,
  type IpczHandle,
} from "@ipcz/api";
import type { DescriptorDriver } from "./context.ts";
import { expectOk } from "../errors/ipcz-error.ts";

/** The kinds of contents: a value of this process, a descriptor, another object of the driver, or a parcel. */
export type BoxType = "object" | "descriptor" | "driver-object" | "parcel";

const types = new Map<number, BoxType>([
  [IPCZ_BOX_TYPE_DRIVER_OBJECT, "driver-object"],
  [IPCZ_BOX_TYPE_APPLICATION_OBJECT, "object"],
  [IPCZ_BOX_TYPE_SUBPARCEL, "parcel"],
]);

/** As a struct to be filled in. */
export function emptyContents(): IpczBoxContents {
  return {
    size: IPCZ_BOX_CONTENTS_SIZE,
    type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
    driverObject: IPCZ_INVALID_DRIVER_HANDLE,
    applicationObject: null,
    subparcel: IPCZ_INVALID_HANDLE,
    serializer: null,
    destructor: null,
  };
}

/** Takes the contents out, or with `IPCZ_UNBOX_PEEK` only describes them. */
export function unbox(api: IpczAPI, box: IpczHandle, flags: number): IpczBoxContents {
  const contents = emptyContents();
  expectOk(api.Unbox(box, flags, null, contents), "open a box");
  return contents;
}

/** The kind of contents. */
export function boxTypeOf(contents: IpczBoxContents, driver: DescriptorDriver): BoxType {
  const type = types.get(contents.type) ?? "parcel";
  if (type !== "driver-object") return type;
  return driver.isWrappedDescriptor?.(contents.driverObject) === true ? "descriptor" : type;
}
