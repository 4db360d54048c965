/**
 * A node as Chromium's processes have them.
 */
import { posixDriver, type PosixDriver, type PosixDriverOptions } from "@ipcz/driver-posix";
import { LocalNode } from "ipcz";

/** What a node is like. */
export interface MojoNodeOptions {
  /** Whether it invites others, as the browser does. True by default. */
  readonly broker?: boolean;
  /** The feature MEM_V2, off in Chromium unless asked for. */
  readonly memV2?: boolean;
  /** What the driver is told, beside its codec. */
  readonly driver?: Omit<PosixDriverOptions, "codec">;
}

/** A node and its driver. */
export interface MojoNode {
  readonly node: LocalNode;
  readonly driver: PosixDriver;
}

/**
 * Makes a node over a driver that speaks Chromium's format. As there, the data of parcels does not make shared memory
 * grow: what finds no room travels in the message.
 */
export function mojoNode({ broker = true, memV2 = false, driver }: MojoNodeOptions = {}): MojoNode {
  const posix = posixDriver({ ...driver, codec: "mojo" });
  return { node: mojoNodeOver(posix, { broker, memV2 }), driver: posix };
}

/** The same over a driver of one's own. */
export function mojoNodeOver(
  driver: ConstructorParameters<typeof LocalNode>[0],
  { broker = true, memV2 = false }: Omit<MojoNodeOptions, "driver"> = {},
): LocalNode {
  return new LocalNode(driver, { broker, memV2, fixedParcelCapacity: true });
}
