/**
 * Handles: closed, copied, moved from process to process.
 */
import type { WinSystem } from "../system.ts";
import { bindCloseHandle, type Win32 } from "./calls.ts";

const DUPLICATE_CLOSE_SOURCE = 1;
const DUPLICATE_SAME_ACCESS = 2;
const HANDLE_FLAG_INHERIT = 1;
const CURRENT_PROCESS = -1;

type HandleCalls = Pick<
  WinSystem,
  | "closeHandle"
  | "duplicateHandle"
  | "giveHandle"
  | "takeHandle"
  | "closeHandleIn"
  | "setInheritable"
>;

/** Binds them. */
export function handleCalls(win32: Win32): HandleCalls {
  const { kernel, failure, done } = win32;
  const close = bindCloseHandle(win32);
  const duplicate = kernel.bind<
    (
      sourceProcess: number,
      source: number,
      targetProcess: number,
      target: BigInt64Array,
      access: number,
      inherit: number,
      options: number,
    ) => number
  >(
    "int DuplicateHandle(int64_t sp, int64_t s, int64_t tp, void *t, uint32_t a, int i, uint32_t o)",
  );
  const setInformation = kernel.bind<(handle: number, mask: number, flags: number) => number>(
    "int SetHandleInformation(int64_t handle, uint32_t mask, uint32_t flags)",
  );

  const move = (from: number, handle: number, to: number, options: number): number => {
    const target = new BigInt64Array(1);
    const answer = duplicate(from, handle, to, target, 0, 0, options);
    return answer === 0 ? failure() : Number(target[0]);
  };

  const takeHandle = (value: number, from: number): number =>
    move(from, value, CURRENT_PROCESS, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);

  return {
    closeHandle: (handle) => done(close(handle)),
    duplicateHandle: (handle) =>
      move(CURRENT_PROCESS, handle, CURRENT_PROCESS, DUPLICATE_SAME_ACCESS),
    giveHandle: (handle, to) => move(CURRENT_PROCESS, handle, to, DUPLICATE_SAME_ACCESS),
    takeHandle,
    closeHandleIn: (value, from) => {
      // By way of this process: to close it without a second handle works on Windows, and not under Wine.
      const taken = takeHandle(value, from);
      if (taken > 0) close(taken);
    },
    setInheritable: (handle, inheritable) =>
      done(setInformation(handle, HANDLE_FLAG_INHERIT, inheritable ? HANDLE_FLAG_INHERIT : 0)),
  };
}
