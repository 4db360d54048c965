/**
 * Two connected nodes over each kind of driver, for tests that hold over all of them.
 */
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { isWindows } from "../../../../tools/conformance/src/runs-here.ts";
import { LocalNode, type LocalNodeOptions, type Portal } from "../../src/index.ts";
import { connectedTransports, systemDriver, type SystemDriverOptions } from "./system-driver.ts";

/** Two nodes in this process, and a pair of portals between them. */
export interface Network {
  readonly broker: LocalNode;
  readonly member: LocalNode;
  readonly near: Portal;
  readonly far: Portal;
  close(): void;
}

export interface Link {
  readonly drivers: readonly [IpczDriver, IpczDriver];
  readonly transports: readonly [IpczDriverHandle, IpczDriverHandle];
  readonly dispose: () => void;
}

function memLink(): Link {
  const world = memWorld();
  const drivers = [world.driver("broker"), world.driver("member")] as const;
  return { drivers, transports: world.connect(...drivers), dispose: () => undefined };
}

/** A link by way of the system, whose drivers are told `options`. */
export function systemLink(options: SystemDriverOptions = {}): Link {
  const drivers = [systemDriver(options), systemDriver(options)] as const;
  return {
    drivers,
    transports: connectedTransports(...drivers),
    dispose: () => {
      for (const driver of drivers) driver.dispose();
    },
  };
}

/** By name: how to link two nodes. */
export const links: readonly (readonly [name: string, makeLink: () => Link])[] = [
  ["driver-mem", memLink],
  [isWindows ? "driver-win" : "driver-posix", () => systemLink()],
];

/** Connects two nodes. */
export function connectedNodes(makeLink: () => Link, options: LocalNodeOptions = {}): Network {
  const { drivers, transports, dispose } = makeLink();
  const broker = new LocalNode(drivers[0], { ...options, broker: true });
  const member = new LocalNode(drivers[1], { ...options, broker: false });
  const [near] = broker.connectTransport(transports[0]);
  const [far] = member.connectTransport(transports[1]);
  if (!near || !far) throw new Error("no portals were opened");
  const close = (): void => {
    for (const each of [near, far, broker, member]) each.close();
    dispose();
  };
  return { broker, member, near, far, close };
}
