/**
 * What is attached besides portals: driver objects, and application objects with or without a portal inside.
 */
import {
  type IpczAPI,
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  type IpczApplicationObjectSerializer,
  type IpczBoxContents,
  IPCZ_INVALID_DRIVER_HANDLE,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
} from "@ipcz/api";
import type { SimNode } from "./network.ts";
import { promise } from "./violation.ts";

/** An application object. It may hold a portal. */
class Holder {
  portal: IpczHandle;

  constructor(portal: IpczHandle) {
    this.portal = portal;
  }

  take(): IpczHandle {
    const { portal } = this;
    this.portal = IPCZ_INVALID_HANDLE;
    return portal;
  }
}

const BYTES = [1, 2, 3];
const MEMORY_BYTES = 256;

/** Puts a driver object, a region of memory, into a box. Null: the driver has no memory. */
export function boxMemory(api: IpczAPI, node: SimNode): IpczHandle | null {
  const memory = { value: IPCZ_INVALID_DRIVER_HANDLE };
  if (node.driver.AllocateSharedMemory(MEMORY_BYTES, 0, null, memory) !== IPCZ_RESULT_OK)
    return null;
  const contents = { ...empty(), type: IPCZ_BOX_TYPE_DRIVER_OBJECT, driverObject: memory.value };
  return box(api, node, contents);
}

/** Puts an application object with `portal`, which may be none, into a box. */
export function boxHolder(api: IpczAPI, node: SimNode, portal: IpczHandle): IpczHandle {
  return box(api, node, {
    ...empty(),
    type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
    applicationObject: new Holder(portal),
    serializer: serialize,
    destructor: (object) => {
      const left = object instanceof Holder ? object.take() : IPCZ_INVALID_HANDLE;
      if (left !== IPCZ_INVALID_HANDLE) api.Close(left, 0, null);
    },
  });
}

/** Takes a box apart: the portal that was in it, or none. */
export function openBox(api: IpczAPI, node: SimNode, handle: IpczHandle): IpczHandle {
  const contents = empty();
  const result = api.Unbox(handle, 0, null, contents);
  promise(result === IPCZ_RESULT_OK, "lost", () => `Unbox: ${result}`);
  if (contents.type === IPCZ_BOX_TYPE_DRIVER_OBJECT) {
    const closed = node.driver.Close(contents.driverObject, 0, null);
    promise(closed === IPCZ_RESULT_OK, "lost", () => "a box came without its driver object");
    return IPCZ_INVALID_HANDLE;
  }
  if (contents.type === IPCZ_BOX_TYPE_SUBPARCEL) return openSubparcel(api, contents.subparcel);
  const { applicationObject } = contents;
  promise(applicationObject instanceof Holder, "lost", () => "a box came without its object");
  return applicationObject.take();
}

function openSubparcel(api: IpczAPI, parcel: IpczHandle): IpczHandle {
  const bytes = new Uint8Array(8);
  const byteCount = { value: bytes.length };
  const handles = [IPCZ_INVALID_HANDLE];
  const handleCount = { value: 1 };
  const result = api.Get(parcel, 0, null, bytes, byteCount, handles, handleCount, null);
  promise(result === IPCZ_RESULT_OK, "lost", () => `Get from a subparcel: ${result}`);
  const isWhole = byteCount.value === BYTES.length && BYTES.every((byte, at) => bytes[at] === byte);
  promise(isWhole, "corrupt", () => "a subparcel's bytes are wrong");
  api.Close(parcel, 0, null);
  return handleCount.value === 1 ? (handles[0] ?? IPCZ_INVALID_HANDLE) : IPCZ_INVALID_HANDLE;
}

const serialize: IpczApplicationObjectSerializer = (
  object,
  _flags,
  _options,
  data,
  numBytes,
  handles,
  numHandles,
) => {
  if (!(object instanceof Holder)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  if (!numBytes || !numHandles) return IPCZ_RESULT_OK;
  const handleCount = object.portal === IPCZ_INVALID_HANDLE ? 0 : 1;
  const fits = data !== null && data.length >= BYTES.length;
  numBytes.value = BYTES.length;
  numHandles.value = handleCount;
  if (!fits) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  data.set(BYTES);
  if (handles && handleCount === 1) handles[0] = object.take();
  return IPCZ_RESULT_OK;
};

function box(api: IpczAPI, node: SimNode, contents: IpczBoxContents): IpczHandle {
  const out = { value: IPCZ_INVALID_HANDLE };
  const result = api.Box(node.handle, contents, 0, null, out);
  promise(result === IPCZ_RESULT_OK, "result", () => `Box: ${result}`);
  return out.value;
}

function empty(): IpczBoxContents {
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
