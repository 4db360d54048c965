/**
 * Connecting to a node of an unrelated process; its counterpart is `node-listener.ts`.
 */
import { IPCZ_NO_FLAGS, type IpczDriverHandle } from "@ipcz/api";
import { IpczError } from "../errors/ipcz-error.ts";
import { abortable } from "../objects/abort.ts";
import type { Portal } from "../objects/objects.ts";
import { type ConnectOptions, flagsOf } from "./connect-options.ts";
import { type AcceptPeer, type Connection, firstOf } from "./connection.ts";
import type { PeerCredentials, PlatformDriver } from "./platform-driver.ts";

/** How to connect to a path. */
export interface ConnectPathOptions extends ConnectOptions {
  /** Asked with who listens there; by default it may be anybody. */
  readonly accept?: AcceptPeer;
  /** Gives up; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The node that connects. */
export interface Connector {
  readonly driver: PlatformDriver;
  readonly isBroker: boolean;
  connectTransport(transport: IpczDriverHandle, options: ConnectOptions): Portal[];
  whenConnected(portal: Portal): Promise<void>;
}

/** Connects; resolves when both nodes have agreed. */
export async function connectPath(
  connector: Connector,
  path: string,
  { accept, signal, ...options }: ConnectPathOptions,
): Promise<Connection> {
  const { driver, isBroker } = connector;
  if (!driver.connectTo)
    throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver cannot connect to a path");
  if (isBroker && options.peer !== "broker")
    throw new TypeError(
      'this node is a broker itself, and joins no other network: make it with { broker: false }, or connect two networks with { peer: "broker" }',
    );
  flagsOf(isBroker, options);
  const transport = await reach(driver, path, signal);
  const peer = driver.peerCredentials?.(transport) ?? null;
  let portals: Portal[];
  try {
    if (accept) await expectAccepted(accept, peer, path);
    signal?.throwIfAborted();
    portals = connector.connectTransport(transport, options);
  } catch (error) {
    driver.Close(transport, IPCZ_NO_FLAGS, null);
    throw error;
  }
  try {
    const portal = firstOf(portals);
    await abortable(connector.whenConnected(portal), signal);
    return { portals, portal, peer };
  } catch (error) {
    for (const portal of portals) portal.close();
    throw error;
  }
}

async function reach(
  driver: PlatformDriver,
  path: string,
  signal: AbortSignal | undefined,
): Promise<IpczDriverHandle> {
  signal?.throwIfAborted();
  try {
    const transport = await driver.connectTo?.(path, { signal });
    if (transport !== undefined) return transport;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IpczError("ERR_IPCZ_CONNECTION", `cannot connect to ${path}: ${why}`, { cause });
  }
  throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver cannot connect to a path");
}

async function expectAccepted(
  accept: AcceptPeer,
  peer: PeerCredentials | null,
  path: string,
): Promise<void> {
  if (!peer)
    throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver cannot tell who is connected");
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- JavaScript may answer with anything
  if ((await accept(peer)) !== true)
    throw new IpczError("ERR_IPCZ_CONNECTION", `whoever listens at ${path} was not accepted`);
}
