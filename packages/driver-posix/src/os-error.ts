/**
 * What the system says, as an ipcz result (one table), and as a sentence.
 *
 * Inside the driver a call answers with a number below 0 when it failed: the negative of `errno`.
 */
import { constants } from "node:os";
import { getSystemErrorMap, getSystemErrorName } from "node:util";
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

/** The error numbers of this system by name. */
export const errnos: typeof constants.errno = constants.errno;

const results: ReadonlyMap<number, IpczResult> = new Map([
  [0, IPCZ_RESULT_OK],
  [errnos.EAGAIN, IPCZ_RESULT_UNAVAILABLE],
  [errnos.EWOULDBLOCK, IPCZ_RESULT_UNAVAILABLE],
  [errnos.EBADF, IPCZ_RESULT_INVALID_ARGUMENT],
  [errnos.EINVAL, IPCZ_RESULT_INVALID_ARGUMENT],
  [errnos.ENOTSOCK, IPCZ_RESULT_INVALID_ARGUMENT],
  [errnos.EFAULT, IPCZ_RESULT_INVALID_ARGUMENT],
  [errnos.ENODEV, IPCZ_RESULT_INVALID_ARGUMENT],
  [errnos.EACCES, IPCZ_RESULT_PERMISSION_DENIED],
  [errnos.EPERM, IPCZ_RESULT_PERMISSION_DENIED],
  [errnos.ENOMEM, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.ENOBUFS, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.EMFILE, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.ENFILE, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.ENOSPC, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.EFBIG, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.EOVERFLOW, IPCZ_RESULT_RESOURCE_EXHAUSTED],
  [errnos.EPIPE, IPCZ_RESULT_NOT_FOUND],
  [errnos.ECONNRESET, IPCZ_RESULT_NOT_FOUND],
  [errnos.ENOTCONN, IPCZ_RESULT_NOT_FOUND],
  [errnos.ENOSYS, IPCZ_RESULT_UNIMPLEMENTED],
  [errnos.EOPNOTSUPP, IPCZ_RESULT_UNIMPLEMENTED],
]);

/** The result for what a call answered: 0 or more is `OK`, less is the negative of `errno`. */
export function resultOf(answer: number): IpczResult {
  return answer >= 0 ? IPCZ_RESULT_OK : (results.get(-answer) ?? IPCZ_RESULT_UNKNOWN);
}

/** A failed system call as an error; only thrown by the driver's extra methods, never by its 13 functions. */
export class PosixError extends Error {
  override readonly name = "PosixError";
  /** Name of the error in C, `"EMFILE"`. */
  readonly code: string;
  /** The system call that failed. */
  readonly syscall: string;
  /** The same failure as an ipcz result. */
  readonly result: IpczResult;

  constructor(syscall: string, answer: number, details?: string) {
    const code = getSystemErrorName(answer);
    const sentence = getSystemErrorMap().get(answer)?.[1] ?? "unknown error";
    super(`${syscall}: ${code}, ${sentence}${details === undefined ? "" : ` (${details})`}`);
    this.code = code;
    this.syscall = syscall;
    this.result = resultOf(answer);
  }
}

/** `answer` where it is 0 or more; otherwise throws the failure of `syscall`. */
export function checked(syscall: string, answer: number, details?: string): number {
  if (answer < 0) throw new PosixError(syscall, answer, details);
  return answer;
}
