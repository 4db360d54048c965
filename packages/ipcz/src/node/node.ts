/**
 * A node over the system's own driver: starts processes, and joins the one that started this.
 */
import { IpczError } from "../errors/ipcz-error.ts";
import { observe } from "../diagnostics/channels.ts";
import { logIfAsked } from "../diagnostics/log.ts";
import { handled } from "../objects/abort.ts";
import type { Box } from "../objects/objects.ts";
import { type ConnectOptions, flagsOf } from "./connect-options.ts";
import { connectPath, type ConnectPathOptions } from "./connect-path.ts";
import { type Connection, firstOf } from "./connection.ts";
import { defaultDriver } from "./default-driver.ts";
import { LocalNode, type LocalNodeOptions } from "./local-node.ts";
import { type ListenOptions, NodeListener } from "./node-listener.ts";
import type { PlatformDriver } from "./platform-driver.ts";
import { type Child, type ForkOptions, launch, type LaunchOptions, forkCommand } from "./launch.ts";

/** What a node is like. */
export interface NodeOptions extends LocalNodeOptions {
  /** The driver; one for this system by default, which is then the node's own. */
  readonly driver?: PlatformDriver;
}

/** A node: the place of portals, connected to nodes in other processes. */
export class Node extends LocalNode {
  declare readonly driver: PlatformDriver;
  readonly #listeners = new Set<NodeListener>();

  /** Makes a node. Throws `ERR_IPCZ_NO_DRIVER` when no driver is given and none is installed. */
  constructor(options: NodeOptions = {}) {
    super(options.driver ?? defaultDriver(), options);
    startDiagnostics();
  }

  /**
   * Starts a process that has one end of a new connection, and resolves when it runs; rejects with
   * `ERR_IPCZ_CONNECTION` when it cannot be started. The process joins with `connectToParent`, or, if it is not a
   * Node program, as its driver's documentation says. As with `child_process.spawn`, its output is piped by default.
   */
  spawn(
    command: string,
    args: readonly string[] = [],
    options: LaunchOptions = {},
  ): Promise<Child> {
    return handled(launch(this, command, args, options));
  }

  /**
   * Starts `modulePath` with this Node. As with `child_process.fork`, arguments for Node itself and standard streams
   * are inherited by default; there is no channel for `process.send`, unless `stdio` asks for one.
   */
  fork(
    modulePath: string | URL,
    args: readonly string[] = [],
    options: ForkOptions = {},
  ): Promise<Child> {
    const [command, allArgs, launchOptions] = forkCommand(modulePath, args, options);
    return handled(launch(this, command, allArgs, launchOptions));
  }

  /**
   * Listens at a path for nodes of unrelated processes, which connect with {@link Node.connect} and join this node's
   * network. Throws `ERR_IPCZ_LISTEN` when that cannot be done: somebody listens there already, the path is too long,
   * there is a file that is no socket. What a killed listener has left is replaced.
   *
   *     for await (const { portal, peer } of node.listen("/run/user/1000/mine.sock")) …
   *
   * @param path a file to be made, this user's alone unless `mode` says otherwise; on Linux also an abstract name,
   *   which begins with a 0 and anybody may use; on Windows a named pipe.
   */
  listen(path: string, options: ListenOptions = {}): NodeListener {
    if (this.closed) throw new IpczError("ERR_IPCZ_CLOSED", "cannot listen: the node is closed");
    const listener = new NodeListener(this, path, options);
    this.#listeners.add(listener);
    listener.once("closed", () => this.#listeners.delete(listener));
    return listener;
  }

  /**
   * Connects to a node that listens at `path`, and joins its network. Resolves when both nodes have agreed; rejects
   * with `ERR_IPCZ_CONNECTION` when nobody listens there, when this process may not, or when it is refused.
   */
  connect(path: string, options: ConnectPathOptions = {}): Promise<Connection> {
    return handled(connectPath(this, path, options));
  }

  /**
   * Connects over a socket that this process has inherited or opened, a Unix stream socket on POSIX systems, to a node
   * at its other end. Takes the descriptor, unless it throws. The portals work at once.
   */
  connectDescriptor(descriptor: number, options: ConnectOptions = {}): Connection {
    const { driver } = this;
    if (!driver.transportFromDescriptor)
      throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver takes no descriptors");
    flagsOf(this.isBroker, options);
    const transport = driver.transportFromDescriptor(descriptor);
    const peer = driver.peerCredentials?.(transport) ?? null;
    const portals = this.connectTransport(transport, options);
    return { portals, portal: firstOf(portals), peer };
  }

  /**
   * Wraps a copy of an open descriptor (a file, a pipe, a socket), to be attached to a parcel; `descriptor` stays the
   * caller's. Who opens the box gets a descriptor of its own for the same thing. Both ends need drivers that send
   * descriptors, as the default one of this package does; a native peer ends the connection.
   *
   * @param descriptor a number, or what has one: a `FileHandle`.
   */
  boxDescriptor(descriptor: number | { readonly fd: number }): Box {
    return this.boxCopy(typeof descriptor === "number" ? descriptor : descriptor.fd);
  }

  /** As for any node; its listeners are closed, too. */
  override close(): void {
    for (const listener of this.#listeners) listener.close();
    super.close();
  }
}

let diagnosticsStarted = false;

function startDiagnostics(): void {
  if (diagnosticsStarted) return;
  diagnosticsStarted = true;
  observe();
  logIfAsked();
}
