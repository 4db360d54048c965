/** Short words for what applications do with the table. */
import {
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_DRIVER_SIZE,
  IPCZ_GET_PARTIAL,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type Out,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";

const api = getAPI();

/** Something that must hold does not. */
export class Harm extends Error {}

/** Throws `what` unless `condition` holds. */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Harm(what);
}

/** Where a function of a driver puts a handle. */
export function cell(): Out<IpczDriverHandle> {
  return { value: 0 as IpczDriverHandle };
}

/** A node over `driver`. */
export function createNode(driver: IpczDriver, flags: number): IpczHandle {
  must(driver.size === IPCZ_DRIVER_SIZE, "a driver has its size");
  const node: Out<IpczHandle> = { value: 0 as IpczHandle };
  must(api.CreateNode(driver, flags, null, node) === 0, "a node is created");
  return node.value;
}

/** Connects and answers the initial portals; none when it is refused. */
export function connect(
  node: IpczHandle,
  transport: IpczDriverHandle,
  count: number,
  flags: number,
): IpczHandle[] {
  const portals: IpczHandle[] = Array.from({ length: count }, () => 0 as IpczHandle);
  return api.ConnectNode(node, transport, count, flags, null, portals) === 0 ? portals : [];
}

/** Portal number `index` of those that were connected. */
export function portalAt(portals: readonly IpczHandle[], index: number): IpczHandle {
  const portal = portals[index];
  must(portal !== undefined, "nodes connect");
  return portal;
}

/** Memory of the driver's in a box; takes it. */
export function box(node: IpczHandle, driverObject: IpczDriverHandle): IpczHandle {
  const contents = {
    size: IPCZ_BOX_CONTENTS_SIZE,
    type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
    driverObject,
    applicationObject: null,
    subparcel: 0 as IpczHandle,
    serializer: null,
    destructor: null,
  };
  const handle: Out<IpczHandle> = { value: 0 as IpczHandle };
  must(api.Box(node, contents, 0, null, handle) === 0, "an object is boxed");
  return handle.value;
}

/** Two portals of one node. */
export function openPortals(node: IpczHandle): [IpczHandle, IpczHandle] {
  const a: Out<IpczHandle> = { value: 0 as IpczHandle };
  const b: Out<IpczHandle> = { value: 0 as IpczHandle };
  must(api.OpenPortals(node, 0, null, a, b) === 0, "portals are opened");
  return [a.value, b.value];
}

export function put(
  portal: IpczHandle,
  bytes: Uint8Array,
  handles: readonly IpczHandle[] = [],
): number {
  return api.Put(portal, bytes, bytes.length, handles, handles.length, 0, null);
}

/** What a parcel brought. */
export interface Got {
  readonly result: number;
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczHandle[];
}

const buffer = new Uint8Array(256);

/** The next parcel, as far as it fits into 256 bytes and eight handles. */
export function get(portal: IpczHandle): Got {
  const numBytes: Out<number> = { value: buffer.length };
  const handles: IpczHandle[] = [];
  const numHandles: Out<number> = { value: 8 };
  const result = api.Get(
    portal,
    IPCZ_GET_PARTIAL,
    null,
    buffer,
    numBytes,
    handles,
    numHandles,
    null,
  );
  if (result !== 0) return { result, bytes: buffer.subarray(0, 0), handles: [] };
  return {
    result,
    bytes: buffer.subarray(0, numBytes.value),
    handles: handles.slice(0, numHandles.value),
  };
}

export function close(handle: IpczHandle): number {
  return api.Close(handle, 0, null);
}

export function merge(a: IpczHandle, b: IpczHandle): number {
  return api.MergePortals(a, b, 0, null);
}
