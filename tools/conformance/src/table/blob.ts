/**
 * Text in shared memory: the driver object that suites put into boxes.
 *
 * The region holds the length of the text (u32, little endian) and then its UTF-8 bytes, since a driver may hand out
 * more memory than was asked for.
 */
import {
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type Out,
} from "@ipcz/api";
import { bytesOf, driverCell, emptyContents, handleCell, textOf } from "./calls.ts";
import { check, checkEqual, checkResult } from "./expect.ts";

const PREFIX_BYTES = 4;

/** Allocates memory of `driver` holding `text`; the caller owns it. */
export function createBlob(driver: IpczDriver, text: string): IpczDriverHandle {
  const bytes = bytesOf(text);
  const memory = driverCell();
  const result = driver.AllocateSharedMemory(PREFIX_BYTES + bytes.length, 0, null, memory);
  checkResult("AllocateSharedMemory", result, IPCZ_RESULT_OK);
  withMapping(driver, memory.value, (view) => {
    new DataView(view.buffer, view.byteOffset).setUint32(0, bytes.length, true);
    view.set(bytes, PREFIX_BYTES);
  });
  return memory.value;
}

/** The text in `memory`, which stays the caller's. */
export function readBlob(driver: IpczDriver, memory: IpczDriverHandle): string {
  return withMapping(driver, memory, (view) => {
    const length = new DataView(view.buffer, view.byteOffset).getUint32(0, true);
    check(length <= view.length - PREFIX_BYTES, "the text in a memory object fits its region");
    return textOf(view.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  });
}

/** Maps `memory`, lets `use` see it, unmaps it. */
function withMapping<T>(
  driver: IpczDriver,
  memory: IpczDriverHandle,
  use: (view: Uint8Array) => T,
): T {
  const address: Out<Uint8Array> = { value: new Uint8Array(0) };
  const mapping = driverCell();
  const result = driver.MapSharedMemory(memory, 0, null, address, mapping);
  checkResult("MapSharedMemory", result, IPCZ_RESULT_OK);
  try {
    return use(address.value);
  } finally {
    driver.Close(mapping.value, 0, null);
  }
}

/** Boxes any driver object; it is the box's afterwards, and the box the caller's. */
export function boxDriverObject(
  api: IpczAPI,
  node: IpczHandle,
  object: IpczDriverHandle,
): IpczHandle {
  const box = handleCell();
  const contents = {
    ...emptyContents(),
    type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
    driverObject: object,
  };
  checkResult("Box", api.Box(node, contents, 0, null, box), IPCZ_RESULT_OK);
  return box.value;
}

/** Takes the driver object out of `box`, which is gone then. */
export function unboxDriverObject(api: IpczAPI, box: IpczHandle): IpczDriverHandle {
  const contents = emptyContents();
  contents.type = -1;
  checkResult("Unbox", api.Unbox(box, 0, null, contents), IPCZ_RESULT_OK);
  checkEqual("type of the unboxed contents", contents.type, IPCZ_BOX_TYPE_DRIVER_OBJECT);
  check(contents.driverObject !== 0, "an unboxed driver object has a handle");
  return contents.driverObject;
}

/** A box around new memory holding `text`. */
export function boxBlob(
  api: IpczAPI,
  driver: IpczDriver,
  node: IpczHandle,
  text: string,
): IpczHandle {
  return boxDriverObject(api, node, createBlob(driver, text));
}

/** The text in a boxed memory; box and memory are gone then. */
export function unboxBlob(api: IpczAPI, driver: IpczDriver, box: IpczHandle): string {
  const memory = unboxDriverObject(api, box);
  try {
    return readBlob(driver, memory);
  } finally {
    driver.Close(memory, 0, null);
  }
}
