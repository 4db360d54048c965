/**
 * Drivers that are on both sides already: those that came from native code, and those that went there.
 */
import type { IpczDriver } from "@ipcz/api";

const nativePointers = new WeakMap<IpczDriver, number>();
const exported = new Map<number, IpczDriver>();

/** Notes that `driver` stands for the native one at `pointer`. */
export function noteImported(driver: IpczDriver, pointer: number): void {
  nativePointers.set(driver, pointer);
}

/** The native driver that `driver` stands for; null when it is one of JavaScript. */
export function nativePointerOf(driver: IpczDriver): number | null {
  return nativePointers.get(driver) ?? null;
}

/** Notes that native code knows `driver` as `pointer`; null: no more. */
export function noteExported(pointer: number, driver: IpczDriver | null): void {
  if (driver === null) exported.delete(pointer);
  else exported.set(pointer, driver);
}

/** The driver of JavaScript that native code knows as `pointer`; null when it is a native one. */
export function exportedAs(pointer: number): IpczDriver | null {
  return exported.get(pointer) ?? null;
}
