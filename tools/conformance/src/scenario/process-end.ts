/**
 * How a started node's process ends, and what it has written until then.
 */
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { foreign } from "@ipcz/abi/ffi";
import type { ProcessEnd } from "./environment.ts";

/** Windows has no signals: with this exit code a process, or a thread, says that it was killed by its own story. */
export const VANISHED_CODE = 137;

/** Ends a process at once; this one before the call returns. */
export function killProcess(pid: number): void {
  if (process.platform === "win32") terminate(pid);
  else process.kill(pid, "SIGKILL");
}

/** Whether a process ended by `killProcess`, or by the same from outside. */
export function wasKilled(code: number | null, signal: string | null): boolean {
  return signal === "SIGKILL" || (process.platform === "win32" && code === VANISHED_CODE);
}

type Open = (access: number, inherit: number, pid: number) => number;
type End = (handle: number, code: number) => number;
const PROCESS_TERMINATE = 1;

/** What Node.js does for a signal would leave the exit code of any failure. */
function terminate(pid: number): void {
  const kernel = foreign.load("kernel32.dll");
  const open = kernel.bind<Open>(
    "intptr_t OpenProcess(uint32_t access, int inherit, uint32_t pid)",
  );
  const end = kernel.bind<End>("int TerminateProcess(intptr_t handle, uint32_t code)");
  const close = kernel.bind<(handle: number) => number>("int CloseHandle(intptr_t handle)");
  const handle = open(PROCESS_TERMINATE, 0, pid);
  // It may have ended by itself.
  if (handle === 0) return;
  end(handle, VANISHED_CODE);
  close(handle);
}

/** Resolves when `child` is gone, or could not be started. */
export function endOf(child: ChildProcess): Promise<ProcessEnd> {
  let output = "";
  const collect = (part: unknown): void => {
    output += String(part);
  };
  child.stdout?.setEncoding("utf8").on("data", collect);
  child.stderr?.setEncoding("utf8").on("data", collect);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve({ code: null, signal: null, output: String(error) });
    });
    child.once("close", (code, signal) => {
      resolve(
        wasKilled(code, signal)
          ? { code: null, signal: "SIGKILL", output }
          : { code, signal, output },
      );
    });
  });
}
