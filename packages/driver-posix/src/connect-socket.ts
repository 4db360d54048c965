/**
 * Connecting to a socket with a name.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { pause } from "@ipcz/driver-base";
import { connectRetryMs } from "./limits.ts";
import { errnos, PosixError } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { connectedSocket, socketName } from "./socket-name.ts";

/** How to connect. */
export interface ConnectSocketOptions {
  /** Stops trying; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to whoever listens at `path`; the transport is the caller's. Tries again while the listener has too many
 * connections waiting; rejects with a `PosixError` when there is nobody (`ECONNREFUSED`, `ENOENT`) or no permission.
 */
export async function connectTo(
  parts: DriverParts,
  path: string,
  { signal }: ConnectSocketOptions,
): Promise<IpczDriverHandle> {
  const name = socketName(parts.system, path, "connect");
  for (;;) {
    signal?.throwIfAborted();
    const socket = connectedSocket(parts.system, name);
    if (typeof socket !== "number") return parts.objects.add(parts.createTransport(socket));
    if (socket !== -errnos.EAGAIN) throw new PosixError("connect", socket, path);
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    await pause(connectRetryMs, signal);
  }
}
