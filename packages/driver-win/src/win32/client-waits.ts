/**
 * Waiting for the client of a pipe, without a thread of the runtime.
 *
 * The system signals an event, one of its own threads calls back, and the callback runs on the event loop. Neither
 * keeps the process alive or from ending; waiting on a thread of the runtime would do both (a wait without end in its
 * thread pool lets `process.exit` hang for ever, measured).
 */
import type { NativeCallback } from "@ipcz/abi/ffi";
import { winErrors } from "../os-error.ts";
import type { PendingAccept } from "../system.ts";
import { bindCloseHandle, type Win32 } from "./calls.ts";

const INFINITE = 0xffff_ffff;
const WT_EXECUTEONLYONCE = 8;
/** `OVERLAPPED`; the event is its last field. */
const overlappedBytes = 32;
const eventAt = 24;

interface Wait {
  readonly pipe: number;
  /** Where the system writes what became of it, until it is over. */
  readonly overlapped: Uint8Array;
  readonly event: number;
  handle: number;
  /** Null once nobody wants to know. */
  done: ((answer: number) => void) | null;
}

/** Those of one thread. */
export class ClientWaits {
  private readonly win32: Win32;
  private readonly functions: WaitFunctions;
  private readonly waits = new Map<number, Wait>();
  private nextId = 1;
  /** One for all waits, for as long as the thread runs: the system may be about to call it. */
  private callback: NativeCallback | null = null;

  constructor(win32: Win32) {
    this.win32 = win32;
    this.functions = bindFunctions(win32);
  }

  /** Waits for a client of a pipe; a number is the negative of the system's error. */
  accept(pipe: number, done: (answer: number) => void): PendingAccept | number {
    const { connectNamedPipe, createEvent, closeHandle } = this.functions;
    const event = createEvent(null, 1, 0, null);
    if (event <= 0) return this.win32.failure();
    // In a buffer of its own, which does not move.
    const overlapped = new Uint8Array(new ArrayBuffer(overlappedBytes));
    new DataView(overlapped.buffer).setBigInt64(eventAt, BigInt(event), true);
    const wait: Wait = { pipe, overlapped, event, handle: 0, done };
    const error = connectNamedPipe(pipe, overlapped) === 0 ? -this.win32.failure() : 0;
    if (error === winErrors.ERROR_IO_PENDING) return this.register(wait);
    closeHandle(event);
    const isConnected = error === 0 || error === winErrors.ERROR_PIPE_CONNECTED;
    if (!isConnected && error !== winErrors.ERROR_NO_DATA) return -error;
    // It is here already (or was); told from the event loop all the same.
    setImmediate(() => wait.done?.(isConnected ? 0 : -error));
    return { cancel: () => (wait.done = null) };
  }

  private register(wait: Wait): PendingAccept | number {
    const { closeHandle, registerWait } = this.functions;
    const id = this.nextId++;
    const handle = new BigInt64Array(1);
    this.callback ??= this.win32.foreign.callback(
      this.win32.foreign.prototype("void", ["uintptr_t", "uint8_t"]),
      (context) => this.signalled(Number(context)),
    );
    this.waits.set(id, wait);
    const { address } = this.callback;
    if (registerWait(handle, wait.event, address, id, INFINITE, WT_EXECUTEONLYONCE) === 0) {
      const answer = this.win32.failure();
      this.waits.delete(id);
      this.abandon(wait);
      closeHandle(wait.event);
      return answer;
    }
    wait.handle = Number(handle[0]);
    return { cancel: () => this.cancel(id) };
  }

  /** On the event loop, while the system's thread waits for the callback to return. */
  private signalled(id: number): void {
    const wait = this.waits.get(id);
    if (!wait) return;
    this.waits.delete(id);
    const { done } = wait;
    const transferred = new Uint32Array(1);
    const { getOverlappedResult, unregisterWait, closeHandle } = this.functions;
    const answer = getOverlappedResult(wait.pipe, wait.overlapped, transferred, 0);
    const result = this.win32.done(answer);
    unregisterWait(wait.handle);
    closeHandle(wait.event);
    // Not from within the system's call.
    if (done) setImmediate(() => wait.done?.(result));
  }

  private cancel(id: number): void {
    const wait = this.waits.get(id);
    if (!wait) return;
    wait.done = null;
    this.waits.delete(id);
    this.functions.unregisterWait(wait.handle);
    this.abandon(wait);
    this.functions.closeHandle(wait.event);
  }

  /** Takes the operation back, and lets go of its bytes when the system has. */
  private abandon(wait: Wait): void {
    const { cancelIo, getOverlappedResult } = this.functions;
    cancelIo(wait.pipe, wait.overlapped);
    // Over in no time, since it was cancelled.
    getOverlappedResult(wait.pipe, wait.overlapped, new Uint32Array(1), 1);
  }
}

interface WaitFunctions {
  readonly closeHandle: (handle: number) => number;
  readonly createEvent: (security: null, isManual: number, isSet: number, name: null) => number;
  readonly connectNamedPipe: (pipe: number, overlapped: Uint8Array) => number;
  readonly getOverlappedResult: (
    file: number,
    overlapped: Uint8Array,
    numBytes: Uint32Array,
    wait: number,
  ) => number;
  readonly cancelIo: (file: number, overlapped: Uint8Array) => number;
  readonly registerWait: (
    wait: BigInt64Array,
    handle: number,
    callback: bigint,
    context: number,
    milliseconds: number,
    flags: number,
  ) => number;
  readonly unregisterWait: (wait: number) => number;
}

function bindFunctions(win32: Win32): WaitFunctions {
  const { kernel } = win32;
  return {
    closeHandle: bindCloseHandle(win32),
    createEvent: kernel.bind(
      "int64_t CreateEventW(void *security, int isManual, int isSet, void *name)",
    ),
    connectNamedPipe: kernel.bind("int ConnectNamedPipe(int64_t pipe, void *overlapped)"),
    getOverlappedResult: kernel.bind(
      "int GetOverlappedResult(int64_t file, void *overlapped, void *numBytes, int wait)",
    ),
    cancelIo: kernel.bind("int CancelIoEx(int64_t file, void *overlapped)"),
    registerWait: kernel.bind(
      "int RegisterWaitForSingleObject(void *w, int64_t h, void *callback, uintptr_t context, uint32_t ms, uint32_t f)",
    ),
    unregisterWait: kernel.bind("int UnregisterWait(int64_t wait)"),
  };
}
