/**
 * A native driver as an `IpczDriver`.
 *
 * Its activity handlers may be called on threads of its own: they report to the desk, and the listener is told on this
 * thread when no native function is on the stack.
 */
import {
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { contextToNative } from "../border/context.ts";
import { copyWords, inOutWord, takeWord, wordAt } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { exportedAs, noteImported } from "../border/known-drivers.ts";
import { activeListeners, type ActivityReport } from "../border/reports.ts";
import { bindTable, readTable } from "../border/table.ts";
import { DRIVER_SIGNATURES } from "../c/functions.ts";
import { WORD_BYTES } from "../c/layout.ts";
import { openDesk, type Desk } from "../desk/desk.ts";
import { isBuffer, isHandle } from "./arguments.ts";
import type { NativeDriverCalls } from "./native-driver-calls.ts";
import { nativeMemoryFunctions } from "./native-driver-memory.ts";

type Handle = IpczDriverHandle;

/**
 * The native driver whose table is at `pointer`, which must stay valid and unchanged for as long as anything made of it
 * is in use; or, when that is an export of ours, the driver behind it. Throws, saying what is wrong, when the table is
 * not complete.
 */
export function importDriver(pointer: number | bigint): IpczDriver {
  const address = Number(pointer);
  const own = exportedAs(address);
  if (own !== null) return own;
  const table = readTable(address, DRIVER_SIGNATURES);
  if (typeof table === "string") throw new TypeError(`this is no native driver: ${table}`);
  const native: NativeDriverCalls = bindTable(table, DRIVER_SIGNATURES);
  const driver: IpczDriver = {
    size: IPCZ_DRIVER_SIZE,
    ...objectFunctions(native),
    ...transportFunctions(native),
    ...nativeMemoryFunctions(native),
  };
  noteImported(driver, address);
  return driver;
}

function objectFunctions(
  native: NativeDriverCalls,
): Pick<IpczDriver, "Serialize" | "Deserialize" | "GenerateRandomBytes"> {
  return {
    Serialize: (handle, transport, _flags, _options, data, numBytes, handles, numHandles) =>
      inFrame((frame) => {
        if (!isHandle(handle)) return IPCZ_RESULT_INVALID_ARGUMENT;
        const bytes = inOutWord(frame, numBytes);
        const count = inOutWord(frame, numHandles);
        if (!isBuffer(data, data === null ? 0 : (numBytes?.value ?? 0))) {
          return IPCZ_RESULT_INVALID_ARGUMENT;
        }
        const list = handles === null ? null : frame.reserve(WORD_BYTES * (numHandles?.value ?? 0));
        const result = native.Serialize(
          handle,
          transport,
          0,
          null,
          data,
          bytes?.address ?? null,
          list?.address ?? null,
          count?.address ?? null,
        );
        takeWord(numBytes, bytes);
        takeWord(numHandles, count);
        if (result === IPCZ_RESULT_OK && handles !== null && list !== null) {
          copyWords(list, numHandles?.value ?? 0, handles);
        }
        return result;
      }),
    Deserialize: (data, numBytes, handles, numHandles, transport, _flags, _options, handle) =>
      inFrame((frame) => {
        if (!isBuffer(data, numBytes)) return IPCZ_RESULT_INVALID_ARGUMENT;
        const list = handles === null ? null : frame.words(handles, numHandles).address;
        const cell = frame.word(0);
        const result = native.Deserialize(
          data,
          numBytes,
          list,
          numHandles,
          transport,
          0,
          null,
          cell.address,
        );
        if (result === IPCZ_RESULT_OK) handle.value = wordAt(cell) as Handle;
        return result;
      }),
    GenerateRandomBytes: (numBytes, _flags, _options, buffer) =>
      isBuffer(buffer, numBytes)
        ? inFrame(() => native.GenerateRandomBytes(numBytes, 0, null, buffer))
        : IPCZ_RESULT_INVALID_ARGUMENT,
  };
}

function transportFunctions(
  native: NativeDriverCalls,
): Pick<
  IpczDriver,
  | "CreateTransports"
  | "ActivateTransport"
  | "DeactivateTransport"
  | "Transmit"
  | "ReportBadTransportActivity"
> {
  return {
    CreateTransports: (transport0, transport1, _flags, _options, newTransport0, newTransport1) =>
      inFrame((frame) => {
        const [cell0, cell1] = [frame.word(0), frame.word(0)];
        const { address } = cell0;
        const result = native.CreateTransports(
          transport0,
          transport1,
          0,
          null,
          address,
          cell1.address,
        );
        if (result !== IPCZ_RESULT_OK) return result;
        newTransport0.value = wordAt(cell0) as Handle;
        newTransport1.value = wordAt(cell1) as Handle;
        return result;
      }),
    ActivateTransport(transport, listener, handler) {
      if (!isHandle(transport)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const desk = openDesk();
      const ear = new Ear(native, listener, handler, desk);
      const id = activeListeners.add((report) => ear.hear(report));
      desk.hold();
      const result = inFrame(() =>
        native.ActivateTransport(transport, id, desk.callbacks.activity, 0, null),
      );
      if (result !== IPCZ_RESULT_OK && activeListeners.take(id)) desk.release();
      return result;
    },
    DeactivateTransport: (transport) =>
      isHandle(transport)
        ? inFrame(() => native.DeactivateTransport(transport, 0, null))
        : IPCZ_RESULT_INVALID_ARGUMENT,
    Transmit: (transport, data, numBytes, handles, numHandles) =>
      inFrame((frame) => {
        if (!isHandle(transport) || !isBuffer(data, numBytes)) {
          // The handles are the driver's whatever the result, and native code is not asked.
          for (const handle of handles?.slice(0, numHandles) ?? []) native.Close(handle, 0, null);
          return IPCZ_RESULT_INVALID_ARGUMENT;
        }
        const list = handles === null ? null : frame.words(handles, numHandles).address;
        return native.Transmit(transport, data, numBytes, list, numHandles, 0, null);
      }),
    ReportBadTransportActivity(transport, context) {
      const word = contextToNative(context);
      if (!isHandle(transport) || word === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame(() => native.ReportBadTransportActivity(transport, word, 0, null));
    },
  };
}

/** Tells one listener what its driver reports, and makes up for an answer that comes too late for the driver. */
class Ear {
  private readonly native: NativeDriverCalls;
  private readonly listener: IpczHandle;
  private readonly handler: IpczTransportActivityHandler;
  private readonly desk: Desk;
  /** The listener has refused a message or heard of an error: nothing but the last call is for it. */
  private isDeaf = false;

  constructor(
    native: NativeDriverCalls,
    listener: IpczHandle,
    handler: IpczTransportActivityHandler,
    desk: Desk,
  ) {
    this.native = native;
    this.listener = listener;
    this.handler = handler;
    this.desk = desk;
  }

  hear(report: ActivityReport): void {
    if ((report.flags & ~IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0) {
      this.desk.release();
      this.tell(report);
    } else if (this.isDeaf) {
      this.drop(report);
    } else if (report.flags !== 0) {
      this.fail();
    } else {
      const result = this.tell(report);
      // The driver has long gone on. As it would have done, stop listening and say that the transport is broken.
      if (result !== IPCZ_RESULT_OK && result !== IPCZ_RESULT_UNIMPLEMENTED) this.fail();
    }
  }

  private tell({ data, handles, flags, envelope }: ActivityReport): IpczResult {
    const options =
      envelope === 0 ? null : { size: IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE, envelope };
    const list = handles.length === 0 ? null : handles;
    const numBytes = data?.length ?? 0;
    return this.handler(this.listener, data, numBytes, list, handles.length, flags, options);
  }

  private fail(): void {
    if (this.isDeaf) return;
    this.isDeaf = true;
    this.handler(this.listener, null, 0, null, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, null);
  }

  /** What came with a message that nobody wants any more. */
  private drop({ handles, envelope }: ActivityReport): void {
    const left = envelope === 0 ? handles : [...handles, envelope];
    for (const handle of left) inFrame(() => this.native.Close(handle, 0, null));
  }
}
