/**
 * A pipe with a name, at which unrelated processes of the same user connect.
 */
import { reportUncaught } from "@ipcz/abi/ffi";
import type { IpczDriverHandle } from "@ipcz/api";
import type { Listening } from "@ipcz/driver-base";
import type { EndpointType } from "@ipcz/mojo-codec";
import { PipeEnd } from "./end.ts";
import { WinHandle } from "./handle.ts";
import { acceptPauseMs } from "./limits.ts";
import { WinError } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";
import { checkPipeName } from "./pipe-name.ts";
import { servingRelation } from "./relation.ts";
import type { PendingAccept } from "./system.ts";

/** How to listen. Who may connect is not to choose: only this user, and only from this machine. */
export interface ListenOptions {
  /** Of no effect: who may connect is not a matter of a file's permissions here. */
  readonly mode?: number;
  /** Of no effect: whoever finds no free instance of the pipe tries again. */
  readonly backlog?: number;
  /** What the nodes of those who connect are, as in `StartOptions`; no brokers by default. */
  readonly destination?: EndpointType;
}

/** Who is at the other end of a connection, as the system knows it. */
export interface PeerCredentials {
  /** Its process; null where the system does not say. */
  readonly pid: number | null;
  /** Always null: Windows numbers its users otherwise. Whoever connects is this user. */
  readonly uid: null;
  /** Always null. */
  readonly gid: null;
}

/** Told of each connection. The transport is the receiver's. */
export type ConnectionHandler = (transport: IpczDriverHandle, peer: PeerCredentials) => void;

/** A pipe that is listened at. */
export interface WinListener {
  /** Its name. */
  readonly path: string;
  /** Stops. When it was closed before, nothing happens. */
  close(): void;
}

/** Credentials, of which there is a number at most. */
export function credentialsOf(pid: number): PeerCredentials {
  return { pid: pid === 0 ? null : pid, uid: null, gid: null };
}

/** Listeners of one driver. */
export class PipeListener implements WinListener, Listening {
  readonly path: string;
  private readonly parts: DriverParts;
  private readonly destination: EndpointType | undefined;
  private readonly handler: ConnectionHandler;
  /** The instance of the pipe that waits for a client. */
  private instance: WinHandle | null;
  private pending: PendingAccept | null = null;
  /** While it listens it keeps the process alive, which waiting does not. */
  private readonly heart: NodeJS.Timeout;
  private pause: NodeJS.Timeout | null = null;

  /** Takes the first instance. Throws when the system cannot wait for clients. */
  constructor(
    parts: DriverParts,
    path: string,
    first: WinHandle,
    { destination }: ListenOptions,
    handler: ConnectionHandler,
  ) {
    this.parts = parts;
    this.path = path;
    this.destination = destination;
    this.handler = handler;
    this.instance = first;
    const answer = this.await(first);
    if (answer < 0) throw new WinError("ConnectNamedPipe", answer, path);
    this.heart = setInterval(() => undefined, heartbeatMs);
    this.refer(parts.keepsAlive.wanted);
    parts.listeners.add(this);
  }

  /** Whether it keeps the process alive. */
  refer(referenced: boolean): void {
    if (referenced) this.heart.ref();
    else this.heart.unref();
  }

  close(): void {
    if (!this.parts.listeners.delete(this)) return;
    clearInterval(this.heart);
    if (this.pause) clearTimeout(this.pause);
    this.pending?.cancel();
    this.pending = null;
    this.instance?.close();
    this.instance = null;
  }

  private await(instance: WinHandle): number {
    const pending = this.parts.system.acceptClient(instance.value, (answer) =>
      this.accepted(answer),
    );
    if (typeof pending === "number") return pending;
    this.pending = pending;
    return 0;
  }

  private accepted(answer: number): void {
    const { instance } = this;
    if (!instance) return;
    this.instance = null;
    this.pending = null;
    // The name stays ours: the next instance is there before this one is given away.
    this.offerNext();
    if (answer < 0) instance.close();
    else this.connected(instance);
  }

  private offerNext(): void {
    this.pause = null;
    const { system } = this.parts;
    const next = system.createPipe(this.path, "many", false);
    if (next >= 0) {
      const instance = new WinHandle(system, next);
      if (this.await(instance) >= 0) {
        this.instance = instance;
        return;
      }
      instance.close();
    }
    // Short of something; asking at once again would take all our time.
    this.pause = setTimeout(() => this.offerNext(), acceptPauseMs);
  }

  private connected(instance: WinHandle): void {
    const { system, objects } = this.parts;
    const pid = system.clientOf(instance.value);
    const power = pid === 0 ? -1 : system.openProcess(pid);
    // A number says who it was. Only if the client is still there now, the process we have opened is the one.
    if (power < 0 || !system.isConnected(instance.value)) {
      if (power >= 0) system.closeHandle(power);
      instance.close();
      return;
    }
    const remote = new WinHandle(system, power);
    const end = new PipeEnd(servingRelation(remote, pid, this.destination));
    const transport = objects.add(this.parts.createTransport(instance, end));
    try {
      this.handler(transport, credentialsOf(pid));
    } catch (error) {
      reportUncaught(error);
    }
  }
}

/** Long enough not to matter; the longest that a timer takes. */
const heartbeatMs = 2 ** 31 - 1;

/** Listens at `path`. Throws a `WinError`: `ERROR_ACCESS_DENIED` when somebody listens there already. */
export function listenAt(
  parts: DriverParts,
  path: string,
  options: ListenOptions,
  handler: ConnectionHandler,
): PipeListener {
  checkPipeName("CreateNamedPipe", path);
  const { system } = parts;
  const first = system.createPipe(path, "many", true);
  if (first < 0) throw new WinError("CreateNamedPipe", first, path);
  const instance = new WinHandle(system, first);
  try {
    return new PipeListener(parts, path, instance, options, handler);
  } catch (error) {
    instance.close();
    throw error;
  }
}
