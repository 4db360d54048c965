/**
 * Descriptors of the C runtime, which stand for handles in `node:fs` and `node:net`. The runtime exports the functions.
 */
import { winErrors } from "../os-error.ts";
import type { WinSystem } from "../system.ts";
import type { Win32 } from "./calls.ts";

type DescriptorCalls = Pick<WinSystem, "handleOfDescriptor" | "openDescriptor">;

/** Binds them. */
export function descriptorCalls({ runtime }: Win32): DescriptorCalls {
  const get = runtime.bind<(descriptor: number) => number>("int64_t uv_get_osfhandle(int fd)");
  const open = runtime.bind<(handle: number) => number>("int uv_open_osfhandle(int64_t handle)");
  return {
    handleOfDescriptor: (descriptor) => {
      const handle = get(descriptor);
      return handle > 0 ? handle : -winErrors.ERROR_INVALID_HANDLE;
    },
    openDescriptor: (handle) => {
      const descriptor = open(handle);
      return descriptor < 0 ? -winErrors.ERROR_TOO_MANY_OPEN_FILES : descriptor;
    },
  };
}
