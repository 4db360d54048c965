/**
 * Waiting for nodes of unrelated processes; its counterpart is `connect-path.ts`.
 */
import { IPCZ_NO_FLAGS, type IpczDriverHandle } from "@ipcz/api";
import { IpczError, isIpczError } from "../errors/ipcz-error.ts";
import { Emitter, reportUncaught } from "../objects/emitter.ts";
import type { Portal } from "../objects/objects.ts";
import { type ConnectOptions, flagsOf } from "./connect-options.ts";
import type { Connector } from "./connect-path.ts";
import { type AcceptPeer, type Connection, firstOf } from "./connection.ts";
import type { DriverListenOptions, PeerCredentials } from "./platform-driver.ts";

/** How to listen. */
export interface ListenOptions extends ConnectOptions, DriverListenOptions {
  /** Asked with who has connected; by default anybody whom the file's permissions admit is welcome. */
  readonly accept?: AcceptPeer;
  /** Connections that nobody has taken out of the listener yet; more are refused. 128 by default. */
  readonly pendingMax?: number;
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined;
}

/** The events of a {@link NodeListener} and what their listeners are given. */
export interface ListenerEvents {
  /** A node has connected. Told to listeners of this event instead of being kept for iteration. */
  connection: [connection: Connection];
  /**
   * Somebody was refused, or went before both nodes had agreed; `error` says why when it was not `accept`'s answer.
   * What `accept` throws is reported as uncaught when nobody listens here.
   */
  refused: [peer: PeerCredentials, error: unknown];
  /** It was closed. */
  closed: [];
}

interface Waiting {
  readonly resolve: (result: IteratorResult<Connection, void>) => void;
}

const pendingMaxDefault = 128;
const done: IteratorResult<Connection, void> = { done: true, value: undefined };

/** A place where nodes connect. An async iterable of connections; the loop ends when it is closed. */
export class NodeListener
  extends Emitter<ListenerEvents>
  implements AsyncIterator<Connection, void, undefined>, AsyncIterable<Connection>
{
  /** Where it listens. */
  readonly path: string;
  readonly #connector: Connector;
  readonly #options: ListenOptions;
  readonly #listener: { close(): void };
  readonly #pending: Connection[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #stopListening: () => void;
  #closed = false;

  /** @internal */
  constructor(connector: Connector, path: string, options: ListenOptions) {
    super();
    this.#connector = connector;
    this.#options = options;
    this.path = path;
    flagsOf(connector.isBroker, peerOptions(connector, options));
    options.signal?.throwIfAborted();
    this.#listener = listen(connector, path, options, (transport, peer) => {
      void this.#welcome(transport, peer);
    });
    const close = (): void => this.close();
    options.signal?.addEventListener("abort", close, { once: true });
    this.#stopListening = () => options.signal?.removeEventListener("abort", close);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The next connection; `done` once it is closed. */
  next(): Promise<IteratorResult<Connection, void>> {
    const value = this.#pending.shift();
    if (value) return Promise.resolve({ done: false, value });
    if (this.#closed) return Promise.resolve(done);
    return new Promise((resolve) => this.#waiting.push({ resolve }));
  }

  /** Closes it: what leaving a loop does. */
  return(): Promise<IteratorResult<Connection, void>> {
    this.close();
    return Promise.resolve(done);
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Stops listening and removes the socket's file. Connections that nobody has taken are closed, the others stay. When
   * it was closed before, nothing happens.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    this.#listener.close();
    for (const { portals } of this.#pending.splice(0)) closeAll(portals);
    for (const { resolve } of this.#waiting.splice(0)) resolve(done);
    this.emitLast("closed");
  }

  /** As {@link NodeListener.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As {@link NodeListener.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** @internal */
  protected override listenersChanged(name: keyof ListenerEvents, count: number): void {
    if (name === "closed" && count > 0 && this.#closed) this.emitLast("closed");
    if (name !== "connection" || count === 0) return;
    for (const connection of this.#pending.splice(0)) this.emitSoon("connection", connection);
  }

  async #welcome(transport: IpczDriverHandle, peer: PeerCredentials): Promise<void> {
    const { driver } = this.#connector;
    let portals: readonly Portal[] = [];
    let isAccepted = false;
    try {
      if (!(await this.#accepts(peer))) {
        driver.Close(transport, IPCZ_NO_FLAGS, null);
        this.emitSoon("refused", peer, null);
        return;
      }
      isAccepted = true;
      const options = peerOptions(this.#connector, this.#options);
      portals = this.#connector.connectTransport(transport, options);
      await this.#connector.whenConnected(firstOf(portals));
    } catch (error) {
      // Whoever is gone before anything could be sent is no fault of this program.
      const isTheirs = isAccepted && isIpczError(error, "ERR_IPCZ_CONNECTION");
      if (portals.length === 0 && !isTheirs && this.listenerCount("refused") === 0)
        reportUncaught(error);
      // It was ours until it was connected.
      if (portals.length === 0) driver.Close(transport, IPCZ_NO_FLAGS, null);
      closeAll(portals);
      this.emitSoon("refused", peer, error);
      return;
    }
    this.#deliver({ portals, portal: firstOf(portals), peer });
  }

  async #accepts(peer: PeerCredentials): Promise<boolean> {
    const { accept, pendingMax = pendingMaxDefault } = this.#options;
    // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- JavaScript may answer with anything
    if (accept && (await accept(peer)) !== true) return false;
    return !this.#closed && this.#pending.length < pendingMax;
  }

  #deliver(connection: Connection): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ done: false, value: connection });
    else if (this.listenerCount("connection") > 0) this.emitSoon("connection", connection);
    else if (this.#closed) closeAll(connection.portals);
    else this.#pending.push(connection);
  }
}

function peerOptions(connector: Connector, options: ListenOptions): ConnectOptions {
  const { portals = 1, peer = connector.isBroker ? "member" : "guest" } = options;
  return { portals, peer };
}

function listen(
  { driver }: Connector,
  path: string,
  { mode, backlog, peer }: ListenOptions,
  handler: (transport: IpczDriverHandle, peer: PeerCredentials) => void,
): { close(): void } {
  if (!driver.listen)
    throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver cannot listen at a path");
  const options = {
    ...(mode === undefined ? {} : { mode }),
    ...(backlog === undefined ? {} : { backlog }),
    destination: peer === "broker" ? "broker" : "non-broker",
  } as const;
  try {
    return driver.listen(path, options, handler);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IpczError("ERR_IPCZ_LISTEN", `cannot listen at ${path}: ${why}`, { cause });
  }
}

function closeAll(portals: readonly Portal[]): void {
  for (const portal of portals) portal.close();
}
