/**
 * A shared-memory object and its mapping: two driver handles with lives of their own. A mapping stays valid when the
 * memory it came from has been closed or sent away.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
} from "@ipcz/api";
import { DriverObject } from "./driver-object.ts";

const NO_BYTES = new Uint8Array(0);

/** A mapped region. The bytes may be changed by other processes at any time. */
export class DriverMapping {
  private view: Uint8Array;
  private readonly object: DriverObject;

  /** Takes `object`. */
  constructor(object: DriverObject, bytes: Uint8Array) {
    this.object = object;
    this.view = bytes;
  }

  /** The region's bytes, 8-aligned; none once closed. */
  get bytes(): Uint8Array {
    return this.view;
  }

  /** Unmaps. No view of the bytes may be used afterwards. */
  close(): void {
    this.view = NO_BYTES;
    this.object.close();
  }
}

/** One owned handle to a shared-memory region. */
export class DriverMemory {
  /** Bytes of the region. */
  readonly size: number;
  private readonly object: DriverObject;

  private constructor(object: DriverObject, size: number) {
    this.object = object;
    this.size = size;
  }

  /** Allocates `numBytes` zero bytes; null when the driver cannot. */
  static allocate(driver: IpczDriver, numBytes: number): DriverMemory | null {
    const out = { value: IPCZ_INVALID_DRIVER_HANDLE };
    const result = driver.AllocateSharedMemory(numBytes, 0, null, out);
    const object = ownedOnSuccess(driver, result, out.value);
    return object && new DriverMemory(object, numBytes);
  }

  /** Takes `object`, asking the driver for its size; null, with the object closed, when it is not memory. */
  static adopt(object: DriverObject): DriverMemory | null {
    if (!object.isValid) return null;
    const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: 0 };
    const result = object.driver.GetSharedMemoryInfo(object.handle, 0, null, info);
    if (result === IPCZ_RESULT_OK && Number.isSafeInteger(info.regionNumBytes))
      return new DriverMemory(object, info.regionNumBytes);
    object.close();
    return null;
  }

  /** A second handle to the same region, or null. */
  duplicate(): DriverMemory | null {
    if (!this.object.isValid) return null;
    const driver = this.object.driver;
    const out = { value: IPCZ_INVALID_DRIVER_HANDLE };
    const result = driver.DuplicateSharedMemory(this.object.handle, 0, null, out);
    const object = ownedOnSuccess(driver, result, out.value);
    return object && DriverMemory.adopt(object);
  }

  /** Maps the region; null when the driver cannot, or when what it gives is too small or not 8-aligned. */
  map(): DriverMapping | null {
    if (!this.object.isValid) return null;
    const driver = this.object.driver;
    const address = { value: NO_BYTES };
    const out = { value: IPCZ_INVALID_DRIVER_HANDLE };
    const result = driver.MapSharedMemory(this.object.handle, 0, null, address, out);
    const object = ownedOnSuccess(driver, result, out.value);
    if (object === null) return null;
    const view = address.value;
    if (view.byteLength >= this.size && view.byteOffset % 8 === 0)
      return new DriverMapping(object, view.subarray(0, this.size));
    object.close();
    return null;
  }

  /** Gives up the handle, to be sent or handed on. */
  release(): DriverObject {
    return new DriverObject(this.object.driver, this.object.release());
  }

  close(): void {
    this.object.close();
  }
}

function ownedOnSuccess(
  driver: IpczDriver,
  result: number,
  handle: IpczDriverHandle,
): DriverObject | null {
  if (result !== IPCZ_RESULT_OK || handle === IPCZ_INVALID_DRIVER_HANDLE) return null;
  return new DriverObject(driver, handle);
}
