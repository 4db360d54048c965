/**
 * Names of pipes: `\\.\pipe\` and anything without a backslash, on this machine only.
 */
import { winErrors, WinError } from "./os-error.ts";

const prefix = "\\\\.\\pipe\\";
/** What Windows allows in all. */
const lengthMax = 256;

/** Throws a `WinError` unless `path` names a pipe of this machine. */
export function checkPipeName(syscall: string, path: string): void {
  const rest = path.slice(prefix.length);
  const isLocal = path.toLowerCase().startsWith(prefix);
  const isName = rest.length > 0 && !rest.includes("\\") && !rest.includes("\0");
  if (isLocal && isName && path.length <= lengthMax) return;
  const why = `${path} is not the name of a pipe, which is ${prefix}name`;
  throw new WinError(syscall, -winErrors.ERROR_INVALID_NAME, why);
}
