/**
 * A node over the system's own driver: starts processes, and joins the one that started this.
 */
import { defaultDriver } from "./default-driver.ts";
import { LocalNode, type LocalNodeOptions } from "./local-node.ts";
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

  /** Makes a node. Throws `ERR_IPCZ_NO_DRIVER` when no driver is given and none is installed. */
  constructor(options: NodeOptions = {}) {
    super(options.driver ?? defaultDriver(), options);
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
    return launch(this, command, args, options);
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
    return launch(this, command, allArgs, launchOptions);
  }
}
