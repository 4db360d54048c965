/**
 * What every call of Windows has to do with: its libraries, what went wrong, text.
 */
import type { Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { winErrors } from "../os-error.ts";

/** The libraries that have the functions, and how their answers are read. */
export interface Win32 {
  readonly foreign: Foreign;
  readonly kernel: ForeignLibrary;
  readonly ntdll: ForeignLibrary;
  readonly security: ForeignLibrary;
  /** What is linked into the program itself: the runtime's own functions. */
  readonly runtime: ForeignLibrary;
  /** Minus what went wrong in the last call; never 0. */
  readonly failure: () => number;
  /** A handle that was made, or what went wrong. Handles are signed numbers here, so that the invalid one is -1. */
  readonly made: (handle: number) => number;
  /** 0, or what went wrong, for a function that answers whether it did what it should. */
  readonly done: (answer: number) => number;
}

/** Loads the libraries. */
export function openWin32(foreign: Foreign): Win32 {
  const kernel = foreign.load("kernel32.dll");
  const lastError = kernel.bind<() => number>("uint32_t GetLastError()");
  const failure = (): number => -(lastError() || winErrors.ERROR_INVALID_PARAMETER);
  return {
    foreign,
    kernel,
    ntdll: foreign.load("ntdll.dll"),
    security: foreign.load("advapi32.dll"),
    runtime: foreign.load(null),
    failure,
    made: (handle) => (handle > 0 ? handle : failure()),
    done: (answer) => (answer === 0 ? failure() : 0),
  };
}

/** Text as Windows takes it. */
export function wide(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${text}\0`, "utf16le"));
}

/** Binds what closes handles of all kinds. */
export function bindCloseHandle({ kernel }: Win32): (handle: number) => number {
  return kernel.bind<(handle: number) => number>("int CloseHandle(int64_t handle)");
}
