/**
 * Pipes: made, opened, and who is at their other end.
 */
import { pipeBufferBytes } from "../limits.ts";
import { winErrors } from "../os-error.ts";
import type { WinSystem } from "../system.ts";
import { wide, type Win32 } from "./calls.ts";
import type { UserSecurity } from "./user-security.ts";

const GENERIC_READ_WRITE = 0xc000_0000;
const OPEN_EXISTING = 3;
const FILE_FLAG_OVERLAPPED = 0x4000_0000;
const FILE_FLAG_FIRST_PIPE_INSTANCE = 0x0008_0000;
/** With no level beside it the server may know who we are, and not act as us: SECURITY_ANONYMOUS is 0. */
const SECURITY_SQOS_PRESENT = 0x0010_0000;
const PIPE_ACCESS_DUPLEX = 3;
/** Bytes, not messages, and nobody from another machine. */
const PIPE_REJECT_REMOTE_CLIENTS = 8;
const PIPE_UNLIMITED_INSTANCES = 255;
const NMPWAIT_NOWAIT = 1;
const FILE_TYPE_PIPE = 3;
/** What Chromium says. Nobody waits so long, since nobody waits. */
const pipeTimeoutMs = 5000;

type PipeMaking = Pick<WinSystem, "createPipe" | "openPipe">;
type PipeQuestions = Pick<WinSystem, "isPipe" | "serverOf" | "clientOf" | "isConnected">;

/** Binds what makes and opens pipes. */
export function pipeMaking({ kernel, made, failure }: Win32, security: UserSecurity): PipeMaking {
  const create = kernel.bind<
    (
      name: Uint8Array,
      open: number,
      mode: number,
      instances: number,
      outBytes: number,
      inBytes: number,
      timeout: number,
      security: BigUint64Array,
    ) => number
  >(
    "int64_t CreateNamedPipeW(void *name, uint32_t f, uint32_t m, uint32_t n, uint32_t o, uint32_t i, uint32_t t, void *s)",
  );
  const open = kernel.bind<
    (
      name: Uint8Array,
      access: number,
      share: number,
      security: null,
      disposition: number,
      flags: number,
      template: number,
    ) => number
  >(
    "int64_t CreateFileW(void *name, uint32_t a, uint32_t share, void *s, uint32_t d, uint32_t f, int64_t t)",
  );
  const wait = kernel.bind<(name: Uint8Array, milliseconds: number) => number>(
    "int WaitNamedPipeW(void *name, uint32_t milliseconds)",
  );
  /** Whether somebody serves a pipe of that name, without connecting to it. */
  const exists = (name: string): boolean =>
    wait(wide(name), NMPWAIT_NOWAIT) !== 0 || failure() !== -winErrors.ERROR_FILE_NOT_FOUND;

  return {
    createPipe: (name, instances, isFirst) => {
      // The flag says the same, but not every system heeds it (Wine 8 does not).
      if (isFirst && exists(name)) return -winErrors.ERROR_ACCESS_DENIED;
      const flags = FILE_FLAG_OVERLAPPED | (isFirst ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0);
      return made(
        create(
          wide(name),
          PIPE_ACCESS_DUPLEX | flags,
          PIPE_REJECT_REMOTE_CLIENTS,
          instances === "one" ? 1 : PIPE_UNLIMITED_INSTANCES,
          pipeBufferBytes,
          pipeBufferBytes,
          pipeTimeoutMs,
          security.attributes(),
        ),
      );
    },
    openPipe: (name) => {
      const flags = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT;
      return made(open(wide(name), GENERIC_READ_WRITE, 0, null, OPEN_EXISTING, flags, 0));
    },
  };
}

/** Binds what asks about pipes. */
export function pipeQuestions({ kernel }: Win32): PipeQuestions {
  const getFileType = kernel.bind<(handle: number) => number>(
    "uint32_t GetFileType(int64_t handle)",
  );
  const getInfo = kernel.bind<
    (handle: number, flags: null, out: null, in_: null, instances: null) => number
  >("int GetNamedPipeInfo(int64_t handle, void *f, void *o, void *i, void *n)");
  const getServer = kernel.bind<(handle: number, pid: Uint32Array) => number>(
    "int GetNamedPipeServerProcessId(int64_t handle, void *pid)",
  );
  const getClient = kernel.bind<(handle: number, pid: Uint32Array) => number>(
    "int GetNamedPipeClientProcessId(int64_t handle, void *pid)",
  );
  const peek = kernel.bind<
    (handle: number, buffer: null, size: number, read: null, available: null, left: null) => number
  >("int PeekNamedPipe(int64_t handle, void *buffer, uint32_t size, void *r, void *a, void *l)");
  const pid = new Uint32Array(1);
  return {
    isPipe: (handle) =>
      getFileType(handle) === FILE_TYPE_PIPE && getInfo(handle, null, null, null, null) !== 0,
    serverOf: (handle) => (getServer(handle, pid) === 0 ? 0 : (pid[0] ?? 0)),
    clientOf: (handle) => (getClient(handle, pid) === 0 ? 0 : (pid[0] ?? 0)),
    isConnected: (handle) => peek(handle, null, 0, null, null, null) !== 0,
  };
}
