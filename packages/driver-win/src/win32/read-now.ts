/**
 * Reading from a pipe that was opened for overlapped operations, without waiting and past the runtime.
 */
import { winErrors } from "../os-error.ts";
import { bindCloseHandle, type Win32 } from "./calls.ts";

/** `OVERLAPPED`; the event is its last field. */
const overlappedBytes = 32;
const eventAt = 24;
/** In the handle of the event: the runtime, which waits for the pipe's operations at a port of its own, is not told. */
const NOT_TO_PORT = 1n;

type Peek = (
  pipe: number,
  buffer: null,
  size: number,
  read: null,
  available: Uint32Array,
  left: null,
) => number;
type Read = (
  pipe: number,
  buffer: Uint8Array,
  size: number,
  read: null,
  overlapped: Uint8Array,
) => number;
type GetResult = (pipe: number, overlapped: Uint8Array, count: Uint32Array, wait: number) => number;

/** Binds it. What is read of a pipe is all that its writers had written by then; nothing, where it is broken. */
export function bindReadNow(win32: Win32): (pipe: number) => Uint8Array {
  const { kernel, failure } = win32;
  const close = bindCloseHandle(win32);
  const peek = kernel.bind<Peek>(
    "int PeekNamedPipe(int64_t pipe, void *buffer, uint32_t size, void *r, void *a, void *l)",
  );
  const read = kernel.bind<Read>(
    "int ReadFile(int64_t pipe, void *buffer, uint32_t size, void *r, void *overlapped)",
  );
  const cancel = kernel.bind<(pipe: number, overlapped: Uint8Array) => number>(
    "int CancelIoEx(int64_t pipe, void *overlapped)",
  );
  const getResult = kernel.bind<GetResult>(
    "int GetOverlappedResult(int64_t pipe, void *overlapped, void *count, int wait)",
  );
  const createEvent = kernel.bind<(s: null, isManual: number, isSet: number, n: null) => number>(
    "int64_t CreateEventW(void *security, int isManual, int isSet, void *name)",
  );

  const readSome = (pipe: number, numBytes: number, event: number): Uint8Array => {
    const buffer = new Uint8Array(new ArrayBuffer(numBytes));
    const overlapped = new Uint8Array(new ArrayBuffer(overlappedBytes));
    new DataView(overlapped.buffer).setBigInt64(eventAt, BigInt(event) | NOT_TO_PORT, true);
    const count = new Uint32Array(1);
    if (read(pipe, buffer, numBytes, null, overlapped) === 0) {
      if (-failure() !== winErrors.ERROR_IO_PENDING) return buffer.subarray(0, 0);
      // Somebody else has read what was there.
      cancel(pipe, overlapped);
    }
    return getResult(pipe, overlapped, count, 1) === 0
      ? buffer.subarray(0, 0)
      : buffer.subarray(0, count[0]);
  };

  return (pipe) => {
    const chunks: Uint8Array[] = [];
    const available = new Uint32Array(1);
    let event = 0;
    while (peek(pipe, null, 0, null, available, null) !== 0 && available[0] !== 0) {
      event ||= createEvent(null, 1, 0, null);
      const chunk = event <= 0 ? null : readSome(pipe, available[0] ?? 0, event);
      if (!chunk || chunk.length === 0) break;
      chunks.push(chunk);
    }
    if (event > 0) close(event);
    return new Uint8Array(Buffer.concat(chunks));
  };
}
