/** Many parcels at once over an honest pair of portals: none is lost, doubled, changed or out of order. */
import type { IpczHandle } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { get, must, put } from "./calls.ts";
import { until } from "./turn.ts";

/** Puts `count` parcels of `length` bytes, 4 at least, numbered from `first`. */
export function putNumbered(
  portal: IpczHandle,
  first: number,
  count: number,
  length: number,
): void {
  for (let number = first; number < first + count; number++) {
    const bytes = new Uint8Array(length).fill(number & 0xff);
    new DataView(bytes.buffer).setUint32(0, number, true);
    must(put(portal, bytes) === 0, "a parcel is taken");
  }
}

/** The number of the next parcel, whose bytes are all as they were put; null: there is none yet. */
export function getNumbered(portal: IpczHandle, length: number): number | null {
  const bytes = new Uint8Array(length);
  const numBytes = { value: length };
  if (getAPI().Get(portal, 0, null, bytes, numBytes, null, null, null) !== 0) return null;
  const number = new DataView(bytes.buffer).getUint32(0, true);
  const isWhole = bytes.subarray(4).every((byte) => byte === (number & 0xff));
  must(numBytes.value === length && isWhole, "a parcel is as it was put");
  return number;
}

/** Waits for what `putNumbered` put. */
export async function expectNumbered(
  portal: IpczHandle,
  first: number,
  count: number,
  length: number,
): Promise<void> {
  let next = first;
  await until(() => {
    for (let got = getNumbered(portal, length); got !== null; got = getNumbered(portal, length)) {
      must(got === next, "parcels arrive in order");
      next++;
    }
    return next >= first + count;
  }, "every parcel arrives");
}

/** All are put before the first is read. */
export async function flood(
  from: IpczHandle,
  to: IpczHandle,
  count: number,
  length: number,
): Promise<void> {
  putNumbered(from, 0, count, length);
  await expectNumbered(to, 0, count, length);
}

/** Waits for a parcel that brings something, and takes the first of it. */
export async function nextHandle(portal: IpczHandle): Promise<IpczHandle> {
  let handle: IpczHandle | undefined;
  await until(() => {
    [handle] = get(portal).handles;
    return handle !== undefined;
  }, "a handle arrives");
  must(handle !== undefined, "a handle arrives");
  return handle;
}
