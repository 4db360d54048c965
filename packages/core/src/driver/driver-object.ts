/**
 * One owned driver handle, closed exactly once.
 *
 * The owner either closes it, or gives it up with `release` to whoever owns it next: another object, the driver, the
 * application. After that the object is invalid and makes no driver calls.
 */
import {
  type IpczDriver,
  type IpczDriverHandle,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczResult,
} from "@ipcz/api";

export class DriverObject {
  readonly driver: IpczDriver;
  private owned: IpczDriverHandle;

  /** Takes `handle`. */
  constructor(driver: IpczDriver, handle: IpczDriverHandle) {
    this.driver = driver;
    this.owned = handle;
  }

  get isValid(): boolean {
    return this.owned !== IPCZ_INVALID_DRIVER_HANDLE;
  }

  /** The handle, still owned by this object; 0 once released or closed. */
  get handle(): IpczDriverHandle {
    return this.owned;
  }

  /** Gives up ownership: the handle is the caller's to close. */
  release(): IpczDriverHandle {
    const handle = this.owned;
    this.owned = IPCZ_INVALID_DRIVER_HANDLE;
    return handle;
  }

  /** Closes the handle if it is still owned. */
  close(): void {
    const handle = this.release();
    if (handle !== IPCZ_INVALID_DRIVER_HANDLE) this.driver.Close(handle, 0, null);
  }

  /** Can the object leave this node at all? (spec: api 3.3, probe P1) */
  isSerializable(): boolean {
    if (!this.isValid) return false;
    const result = this.probe(IPCZ_INVALID_DRIVER_HANDLE);
    return result === IPCZ_RESULT_ABORTED || result === IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }

  /** Can the object travel over `transport`, without the help of a broker? (spec: api 3.3, probe P2) */
  canTravelOn(transport: IpczDriverHandle): boolean {
    return this.isValid && this.probe(transport) === IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }

  private probe(transport: IpczDriverHandle): IpczResult {
    const result = this.driver.Serialize(this.owned, transport, 0, null, null, null, null, null);
    // A driver should not have objects that need neither bytes nor handles; this one has, and has consumed it.
    if (result === IPCZ_RESULT_OK) this.release();
    return result;
  }
}

/** Closes handles that came with a message and that no object claims, such as all those of a malformed message. */
export function closeHandles(driver: IpczDriver, handles: readonly IpczDriverHandle[]): void {
  for (const handle of handles)
    if (handle !== IPCZ_INVALID_DRIVER_HANDLE) driver.Close(handle, 0, null);
}

/** Closes every object of a list; those already closed or released are left alone. */
export function closeObjects(objects: readonly DriverObject[]): void {
  for (const object of objects) object.close();
}
