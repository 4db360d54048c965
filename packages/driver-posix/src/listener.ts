/**
 * A socket with a name, at which unrelated processes connect.
 */
import { chmodSync, type Stats, unlinkSync } from "node:fs";
import { reportUncaught } from "@ipcz/abi/ffi";
import type { IpczDriverHandle } from "@ipcz/api";
import { Descriptor } from "./fd.ts";
import { acceptPauseMs, acceptsMax, listenBacklogDefault } from "./limits.ts";
import { checked, errnos, PosixError } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import type { PeerCredentials } from "./platform.ts";
import { Readiness } from "./poll.ts";
import { fileAt, isSame, removeStale, socketName, type SocketName } from "./socket-name.ts";

/** How to listen. */
export interface ListenOptions {
  /** Who may connect, as permissions of the socket's file; 0o600 by default: only this user. */
  readonly mode?: number;
  /** Connections that may wait to be accepted, 511 by default. */
  readonly backlog?: number;
}

/** Told of each connection. The transport is the receiver's. */
export type ConnectionHandler = (transport: IpczDriverHandle, peer: PeerCredentials) => void;

/** A socket that is listened at. */
export interface PosixListener {
  /** Its path, or its abstract name. */
  readonly path: string;
  /** Stops, and removes the file, unless that is another's by now. When it was closed before, nothing happens. */
  close(): void;
}

/** Listeners of one driver. */
export class SocketListener implements PosixListener {
  readonly path: string;
  private readonly parts: DriverParts;
  private readonly handler: ConnectionHandler;
  private readonly socket: Descriptor;
  private readonly file: Stats | null;
  private readonly readiness: Readiness;
  private pause: NodeJS.Timeout | null = null;

  /** Takes the socket. */
  constructor(
    parts: DriverParts,
    name: SocketName,
    socket: Descriptor,
    handler: ConnectionHandler,
  ) {
    this.parts = parts;
    this.path = name.text;
    this.socket = socket;
    this.handler = handler;
    this.file = name.isAbstract ? null : fileAt(name.text);
    this.readiness = new Readiness(parts.system.foreign, socket, (_readable, _writable, alone) => {
      this.accept();
      if (alone) this.watch();
    });
    this.readiness.refer(parts.keepsAlive.wanted);
    this.watch();
    parts.listeners.add(this);
  }

  /** Whether it keeps the process alive. */
  refer(referenced: boolean): void {
    this.readiness.refer(referenced);
  }

  close(): void {
    if (!this.socket.open) return;
    this.parts.listeners.delete(this);
    if (this.pause) clearTimeout(this.pause);
    this.readiness.close();
    this.socket.close();
    if (this.file === null || !isSame(this.file, fileAt(this.path))) return;
    try {
      unlinkSync(this.path);
    } catch {
      // Somebody was faster, or the folder is not ours any more.
    }
  }

  private watch(): void {
    if (this.socket.open) this.readiness.want(true, false);
  }

  private accept(): void {
    const { libc, platform } = this.parts.system;
    for (let count = 0; count < acceptsMax && this.socket.open; count++) {
      const number = platform.named.accept(this.socket.number);
      if (number === -errnos.EAGAIN || number === -errnos.EWOULDBLOCK) return;
      // One that is gone already is of no interest.
      if (number === -errnos.ECONNABORTED) continue;
      if (number < 0) {
        this.pauseAccepting();
        return;
      }
      this.connected(new Descriptor(libc, number));
    }
  }

  private connected(socket: Descriptor): void {
    const peer = this.parts.system.platform.named.peerCredentials(socket.number);
    if (typeof peer === "number") {
      socket.close();
      return;
    }
    const transport = this.parts.objects.add(this.parts.createTransport(socket));
    try {
      this.handler(transport, peer);
    } catch (error) {
      reportUncaught(error);
    }
  }

  /** Out of descriptors or memory: the connection waits, and asking at once again would take all our time. */
  private pauseAccepting(): void {
    this.readiness.want(false, false);
    this.pause = setTimeout(() => this.watch(), acceptPauseMs);
  }
}

/** Listens at `path`. Throws a `PosixError` when that cannot be done. */
export function listenAt(
  parts: DriverParts,
  path: string,
  options: ListenOptions,
  handler: ConnectionHandler,
): SocketListener {
  const { system } = parts;
  const { libc, platform } = system;
  const name = socketName(system, path, "bind");
  removeStale(system, name);
  const socket = new Descriptor(libc, checked("socket", platform.named.createSocket()));
  let bound = false;
  try {
    checked("bind", libc.bind(socket.number, name.address), path);
    bound = true;
    // Nobody can connect before this is done.
    if (!name.isAbstract) chmodSync(path, options.mode ?? 0o600);
    checked("listen", libc.listen(socket.number, options.backlog ?? listenBacklogDefault));
    return new SocketListener(parts, name, socket, handler);
  } catch (error) {
    socket.close();
    if (bound && !name.isAbstract) unlinkSync(path);
    if (error instanceof PosixError) throw error;
    throw new PosixError("chmod", -errnos.EPERM, String(error));
  }
}
