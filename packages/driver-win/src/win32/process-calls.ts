/**
 * Processes: power over them, and whose they are.
 */
import type { WinSystem } from "../system.ts";
import { bindCloseHandle, type Win32 } from "./calls.ts";
import type { UserSecurity } from "./user-security.ts";

const PROCESS_DUP_HANDLE = 0x40;
const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const CURRENT_PROCESS = -1;

type ProcessCalls = Pick<WinSystem, "openProcess" | "processId" | "isSameUser">;

/** Binds them. */
export function processCalls(win32: Win32, security: UserSecurity): ProcessCalls {
  const { kernel, made } = win32;
  const close = bindCloseHandle(win32);
  const open = kernel.bind<(access: number, inherit: number, pid: number) => number>(
    "int64_t OpenProcess(uint32_t access, int inherit, uint32_t pid)",
  );
  const getProcessId = kernel.bind<(handle: number) => number>(
    "uint32_t GetProcessId(int64_t handle)",
  );
  return {
    openProcess: (pid) =>
      made(open(PROCESS_DUP_HANDLE | PROCESS_QUERY_LIMITED_INFORMATION, 0, pid)),
    processId: (handle) => getProcessId(handle),
    isSameUser: (pid) => {
      const other = open(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
      if (other <= 0) return false;
      const user = security.userOf(other);
      close(other);
      return user !== null && user === security.userOf(CURRENT_PROCESS);
    },
  };
}
