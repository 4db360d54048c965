/**
 * Connecting to a pipe with a name.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { pause } from "@ipcz/driver-base";
import { PipeEnd } from "./end.ts";
import { WinHandle } from "./handle.ts";
import { connectRetryMs } from "./limits.ts";
import { winErrors, WinError } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { checkPipeName } from "./pipe-name.ts";
import { joiningRelation } from "./relation.ts";

/** How to connect. */
export interface ConnectPipeOptions {
  /** Stops trying; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to whoever listens at `path`; the transport is the caller's. Tries again while all instances of the pipe are
 * taken; rejects with a `WinError` when there is nobody (`ERROR_FILE_NOT_FOUND`), when this process may not, and when
 * another user listens there, who would be given power over this process.
 */
export async function connectTo(
  parts: DriverParts,
  path: string,
  { signal }: ConnectPipeOptions,
): Promise<IpczDriverHandle> {
  checkPipeName("CreateFile", path);
  const { system } = parts;
  for (;;) {
    signal?.throwIfAborted();
    const opened = system.openPipe(path);
    if (opened >= 0) return joined(parts, path, new WinHandle(system, opened));
    if (opened !== -winErrors.ERROR_PIPE_BUSY) throw new WinError("CreateFile", opened, path);
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    await pause(connectRetryMs, signal);
  }
}

function joined(parts: DriverParts, path: string, handle: WinHandle): IpczDriverHandle {
  const pid = parts.system.serverOf(handle.value);
  if (!isServedByUs(parts, handle, pid)) {
    handle.close();
    throw new WinError("OpenProcess", -winErrors.ERROR_ACCESS_DENIED, `${path} is another user's`);
  }
  return parts.objects.add(parts.createTransport(handle, new PipeEnd(joiningRelation(pid))));
}

/** Whether the same user listens. */
function isServedByUs({ system }: DriverParts, handle: WinHandle, pid: number): boolean {
  // A number says who it was. Only if the pipe is still there now, that is who it was asked about.
  return pid !== 0 && system.isSameUser(pid) && system.isConnected(handle.value);
}
