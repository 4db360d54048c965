/**
 * Pairs of ports of every kind, for what holds of all of them.
 */
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach } from "vitest";
import { LocalNode, PortalChannel, type PortalMessageEvent, PortalPort } from "../../src/index.ts";
import { connectedNodes, type Link, links, type Network } from "./networks.ts";

/** As much as both classes of ports have in common. */
export interface AnyPort extends EventTarget {
  postMessage(value: unknown, transfer?: unknown): void;
  on(type: string, listener: (value: never) => void): unknown;
  once(type: string, listener: (value: never) => void): unknown;
  off(type: string, listener: (value: never) => void): unknown;
  emit(type: string, value?: unknown): unknown;
  removeAllListeners(type?: string): unknown;
  listenerCount(type: string): number;
  onmessage: unknown;
  start(): void;
  close(done?: () => void): void;
  ref(): void;
  unref(): void;
  hasRef?(): boolean;
}

/** What an `EventTarget` listener sees of a message. */
export type MessageEventLike = Pick<
  PortalMessageEvent,
  "data" | "ports" | "type" | "target" | "origin" | "lastEventId" | "source"
>;

/** Two ports, and a way to make more. */
export interface PortPair {
  readonly port1: AnyPort;
  readonly port2: AnyPort;
  /** Another pair, of which either may be sent over these. */
  readonly another: () => { port1: AnyPort; port2: AnyPort };
  /** As `receiveMessageOnPort`. */
  readonly receive: (port: AnyPort) => { message: unknown } | undefined;
  close(): void;
}

function nodePair(): PortPair {
  const channels = [new MessageChannel()];
  const { port1, port2 } = channels[0]!;
  return {
    port1: port1 as unknown as AnyPort,
    port2: port2 as unknown as AnyPort,
    another: () => {
      const channel = new MessageChannel();
      channels.push(channel);
      return channel as unknown as { port1: AnyPort; port2: AnyPort };
    },
    receive: (port) => receiveMessageOnPort(port as never),
    close: () => {
      for (const channel of channels) channel.port1.close();
    },
  };
}

function pairOf(node: LocalNode, port1: PortalPort, port2: PortalPort, end: () => void): PortPair {
  const ports = [port1, port2];
  return {
    port1,
    port2,
    another: () => {
      const channel = new PortalChannel(node);
      ports.push(channel.port1, channel.port2);
      return channel;
    },
    receive: (port) => (port as unknown as PortalPort).receiveMessage(),
    close: () => {
      for (const port of ports) port.close();
      end();
    },
  };
}

function channelPair(): PortPair {
  const node = new LocalNode(memDriver());
  const { port1, port2 } = new PortalChannel(node);
  return pairOf(node, port1, port2, () => node.close());
}

/** Two nodes, and a port of each that is the other's peer. */
export interface NearAndFar {
  readonly network: Network;
  readonly near: PortalPort;
  readonly far: PortalPort;
}

function portsOver(makeLink: () => Link): NearAndFar {
  const network = connectedNodes(makeLink);
  return { network, near: new PortalPort(network.near), far: new PortalPort(network.far) };
}

/** Hands the ports of each test to `take`, and closes them after it. */
export function usePorts(makeLink: () => Link, take: (ports: NearAndFar) => void): void {
  let close = (): void => undefined;
  beforeEach(() => {
    const ports = portsOver(makeLink);
    close = () => {
      for (const each of [ports.near, ports.far, ports.network]) each.close();
    };
    take(ports);
  });
  afterEach(() => close());
}

/** By name: how to make a pair. The first is Node's own. */
export const portPairs: readonly (readonly [name: string, makePair: () => PortPair])[] = [
  ["MessageChannel", nodePair],
  ["PortalChannel in one node", channelPair],
  ...links.map(
    ([name, makeLink]) =>
      [
        `PortalPorts of two nodes over ${name}`,
        (): PortPair => {
          const { network, near, far } = portsOver(makeLink);
          return pairOf(network.broker, near, far, () => network.close());
        },
      ] as const,
  ),
];

/** The next value for listeners of `type`. */
export function next(port: AnyPort, type = "message"): Promise<unknown> {
  return new Promise((resolve) => port.once(type, resolve));
}

/** The next `count` messages. */
export function collect(port: AnyPort, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const values: unknown[] = [];
    const listener = (value: unknown): void => {
      if (values.push(value) < count) return;
      port.off("message", listener);
      resolve(values);
    };
    port.on("message", listener);
  });
}
