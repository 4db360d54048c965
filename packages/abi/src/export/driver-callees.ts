/**
 * The 13 functions of a driver as native code calls them: pointers and counts in, results through pointers out.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityHandler,
  type Out,
} from "@ipcz/api";
import { cellAt, writeCell } from "../border/cells.ts";
import { contextFromNative } from "../border/context.ts";
import {
  readBytes,
  readWordAt,
  readWords,
  viewBytes,
  writeWordAt,
  writeWords,
} from "../border/native-memory.ts";
import { layoutOf } from "../c/layout.ts";
import { foreign } from "../ffi/koffi.ts";
import type { DriverCallees } from "./callees.ts";
import { areBytes, areElements, usableBytes } from "./counts.ts";
import { activityHandlerAt } from "./native-handlers.ts";

const sharedMemoryInfo = layoutOf("IpczSharedMemoryInfo");

type Handle = IpczDriverHandle;

/** For one driver. */
export function driverCallees(driver: IpczDriver): DriverCallees {
  return {
    ...objectCallees(driver),
    ...transportCallees(driver),
    ...memoryCallees(driver),
    ...randomCallees(driver),
  };
}

function objectCallees(driver: IpczDriver): Pick<DriverCallees, "Serialize" | "Deserialize"> {
  return {
    Serialize(
      handle: Handle,
      transport: Handle,
      _flags: number,
      _options: number,
      data: number,
      numBytesAt: number,
      handlesAt: number,
      numHandlesAt: number,
    ) {
      const numBytes = cellAt(numBytesAt);
      const numHandles = cellAt(numHandlesAt);
      const handles: Handle[] | null = handlesAt === 0 ? null : [];
      if (numBytes !== null) numBytes.value = usableBytes(numBytes.value);
      const bytes = viewBytes(data, numBytes?.value ?? 0);
      const capacity = numHandles?.value ?? 0;
      const result = driver.Serialize(
        handle,
        transport,
        0,
        null,
        bytes,
        numBytes,
        handles,
        numHandles,
      );
      writeCell(numBytesAt, numBytes);
      writeCell(numHandlesAt, numHandles);
      if (result === IPCZ_RESULT_OK && handles !== null) {
        writeWords(handlesAt, handles, Math.min(handles.length, capacity));
      }
      return result;
    },
    Deserialize(
      data: number,
      numBytes: number,
      handlesAt: number,
      numHandles: number,
      transport: Handle,
      _flags: number,
      _options: number,
      handleAt: number,
    ) {
      if (handleAt === 0 || !areBytes(numBytes) || !areElements(numHandles)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      const bytes = readBytes(data, numBytes);
      const handles = handlesIn(handlesAt, numHandles);
      const cell = newCell();
      const result = driver.Deserialize(
        bytes,
        numBytes,
        handles,
        numHandles,
        transport,
        0,
        null,
        cell,
      );
      if (result === IPCZ_RESULT_OK) writeCell(handleAt, cell);
      return result;
    },
  };
}

function randomCallees(driver: IpczDriver): Pick<DriverCallees, "GenerateRandomBytes"> {
  return {
    GenerateRandomBytes(numBytes: number, _flags: number, _options: number, buffer: number) {
      const bytes = areBytes(numBytes) ? viewBytes(buffer, numBytes) : null;
      if (bytes === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      return driver.GenerateRandomBytes(numBytes, 0, null, bytes);
    },
  };
}

function transportCallees(
  driver: IpczDriver,
): Pick<
  DriverCallees,
  | "CreateTransports"
  | "ActivateTransport"
  | "DeactivateTransport"
  | "Transmit"
  | "ReportBadTransportActivity"
> {
  const handlers = new Map<number, IpczTransportActivityHandler>();
  const handlerAt = (address: number): IpczTransportActivityHandler => {
    const known = handlers.get(address) ?? activityHandlerAt(address);
    handlers.set(address, known);
    return known;
  };
  return {
    CreateTransports(
      transport0: Handle,
      transport1: Handle,
      _flags: number,
      _options: number,
      newTransport0At: number,
      newTransport1At: number,
    ) {
      if (newTransport0At === 0 || newTransport1At === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      const [cell0, cell1] = [newCell(), newCell()];
      const result = driver.CreateTransports(transport0, transport1, 0, null, cell0, cell1);
      if (result !== IPCZ_RESULT_OK) return result;
      writeCell(newTransport0At, cell0);
      writeCell(newTransport1At, cell1);
      return result;
    },
    ActivateTransport(transport: Handle, listener: IpczHandle, handler: number) {
      if (handler === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      return driver.ActivateTransport(transport, listener, handlerAt(handler), 0, null);
    },
    DeactivateTransport: (transport: Handle) => driver.DeactivateTransport(transport, 0, null),
    Transmit(
      transport: Handle,
      data: number,
      numBytes: number,
      handlesAt: number,
      numHandles: number,
    ) {
      if (!areBytes(numBytes) || !areElements(numHandles)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const handles = handlesIn(handlesAt, numHandles);
      const bytes = readBytes(data, numBytes);
      return driver.Transmit(transport, bytes, numBytes, handles, numHandles, 0, null);
    },
    ReportBadTransportActivity: (transport: Handle, context: number | bigint) =>
      driver.ReportBadTransportActivity(transport, contextFromNative(context), 0, null),
  };
}

function memoryCallees(
  driver: IpczDriver,
): Pick<
  DriverCallees,
  | "Close"
  | "AllocateSharedMemory"
  | "GetSharedMemoryInfo"
  | "DuplicateSharedMemory"
  | "MapSharedMemory"
> {
  /** Views whose address native code has; they must not be collected before their mapping is closed. */
  const mapped = new Map<Handle, Uint8Array>();
  return {
    Close(handle: Handle) {
      mapped.delete(handle);
      return driver.Close(handle, 0, null);
    },
    AllocateSharedMemory(numBytes: number, _flags: number, _options: number, memoryAt: number) {
      return newHandle(memoryAt, (cell) => driver.AllocateSharedMemory(numBytes, 0, null, cell));
    },
    GetSharedMemoryInfo(memory: Handle, _flags: number, _options: number, infoAt: number) {
      if (infoAt === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      const info = { size: readWordAt(infoAt), regionNumBytes: 0 };
      const result = driver.GetSharedMemoryInfo(memory, 0, null, info);
      if (result !== IPCZ_RESULT_OK) return result;
      writeWordAt(infoAt + sharedMemoryInfo.at.region_num_bytes, info.regionNumBytes);
      return result;
    },
    DuplicateSharedMemory(memory: Handle, _flags: number, _options: number, memoryAt: number) {
      return newHandle(memoryAt, (cell) => driver.DuplicateSharedMemory(memory, 0, null, cell));
    },
    MapSharedMemory(
      memory: Handle,
      _flags: number,
      _options: number,
      addressAt: number,
      mappingAt: number,
    ) {
      if (addressAt === 0 || mappingAt === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      const address: Out<Uint8Array> = { value: new Uint8Array(0) };
      const mapping = newCell();
      const result = driver.MapSharedMemory(memory, 0, null, address, mapping);
      if (result !== IPCZ_RESULT_OK) return result;
      mapped.set(mapping.value, address.value);
      writeWordAt(addressAt, Number(foreign.address(address.value)));
      writeCell(mappingAt, mapping);
      return result;
    },
  };
}

/** Calls with a cell for a handle that goes to `address`. */
function newHandle(address: number, call: (cell: Out<Handle>) => IpczResult): IpczResult {
  if (address === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  const cell = newCell();
  const result = call(cell);
  if (result === IPCZ_RESULT_OK) writeCell(address, cell);
  return result;
}

function newCell(): Out<Handle> {
  return { value: IPCZ_INVALID_DRIVER_HANDLE };
}

function handlesIn(address: number, count: number): Handle[] | null {
  return address === 0 ? null : readWords<Handle>(address, count);
}
