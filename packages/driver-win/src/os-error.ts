/**
 * What Windows says, as an ipcz result (one table), and as a sentence.
 *
 * Inside the driver a call answers with a number below 0 when it failed: the negative of `GetLastError`.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_RESULT_UNKNOWN,
  type IpczResult,
} from "@ipcz/api";

/** The error numbers that the driver knows, by their names in C. */
export const winErrors = {
  ERROR_FILE_NOT_FOUND: 2,
  ERROR_PATH_NOT_FOUND: 3,
  ERROR_TOO_MANY_OPEN_FILES: 4,
  ERROR_ACCESS_DENIED: 5,
  ERROR_INVALID_HANDLE: 6,
  ERROR_NOT_ENOUGH_MEMORY: 8,
  ERROR_OUTOFMEMORY: 14,
  ERROR_NOT_SUPPORTED: 50,
  ERROR_INVALID_PARAMETER: 87,
  ERROR_BROKEN_PIPE: 109,
  ERROR_DISK_FULL: 112,
  ERROR_CALL_NOT_IMPLEMENTED: 120,
  ERROR_INVALID_NAME: 123,
  ERROR_PIPE_BUSY: 231,
  ERROR_NO_DATA: 232,
  ERROR_PIPE_NOT_CONNECTED: 233,
  ERROR_PIPE_CONNECTED: 535,
  ERROR_OPERATION_ABORTED: 995,
  ERROR_IO_PENDING: 997,
  ERROR_NO_SYSTEM_RESOURCES: 1450,
  ERROR_COMMITMENT_LIMIT: 1455,
} as const;

type WinErrorName = keyof typeof winErrors;

const results: Readonly<Partial<Record<WinErrorName, IpczResult>>> = {
  ERROR_FILE_NOT_FOUND: IPCZ_RESULT_NOT_FOUND,
  ERROR_PATH_NOT_FOUND: IPCZ_RESULT_NOT_FOUND,
  ERROR_BROKEN_PIPE: IPCZ_RESULT_NOT_FOUND,
  ERROR_NO_DATA: IPCZ_RESULT_NOT_FOUND,
  ERROR_PIPE_NOT_CONNECTED: IPCZ_RESULT_NOT_FOUND,
  ERROR_TOO_MANY_OPEN_FILES: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  ERROR_NOT_ENOUGH_MEMORY: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  ERROR_OUTOFMEMORY: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  ERROR_DISK_FULL: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  ERROR_NO_SYSTEM_RESOURCES: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  ERROR_COMMITMENT_LIMIT: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  ERROR_ACCESS_DENIED: IPCZ_RESULT_PERMISSION_DENIED,
  ERROR_INVALID_HANDLE: IPCZ_RESULT_INVALID_ARGUMENT,
  ERROR_INVALID_PARAMETER: IPCZ_RESULT_INVALID_ARGUMENT,
  ERROR_INVALID_NAME: IPCZ_RESULT_INVALID_ARGUMENT,
  ERROR_PIPE_BUSY: IPCZ_RESULT_UNAVAILABLE,
  ERROR_NOT_SUPPORTED: IPCZ_RESULT_UNIMPLEMENTED,
  ERROR_CALL_NOT_IMPLEMENTED: IPCZ_RESULT_UNIMPLEMENTED,
};

function nameOf(answer: number): WinErrorName | null {
  for (const name of Object.keys(winErrors) as WinErrorName[])
    if (winErrors[name] === -answer) return name;
  return null;
}

/** The result for what a call answered: 0 or more is `OK`, less is the negative of `GetLastError`. */
export function resultOf(answer: number): IpczResult {
  if (answer >= 0) return IPCZ_RESULT_OK;
  const name = nameOf(answer);
  return (name && results[name]) ?? IPCZ_RESULT_UNKNOWN;
}

/** A failed system call as an error; only thrown by the driver's extra methods, never by its 13 functions. */
export class WinError extends Error {
  override readonly name = "WinError";
  /** Name of the error in C, `"ERROR_ACCESS_DENIED"`, or its number where the driver has no name for it. */
  readonly code: string;
  /** The system's number for it. */
  readonly number: number;
  /** The function that failed. */
  readonly syscall: string;
  /** The same failure as an ipcz result. */
  readonly result: IpczResult;

  constructor(syscall: string, answer: number, details?: string) {
    const code = nameOf(answer) ?? `error ${-answer}`;
    super(`${syscall}: ${code}${details === undefined ? "" : ` (${details})`}`);
    this.code = code;
    this.number = -answer;
    this.syscall = syscall;
    this.result = resultOf(answer);
  }
}

/** `answer` where it is 0 or more; otherwise throws the failure of `syscall`. */
export function checked(syscall: string, answer: number, details?: string): number {
  if (answer < 0) throw new WinError(syscall, answer, details);
  return answer;
}
