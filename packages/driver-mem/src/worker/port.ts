/**
 * `MessagePort` as every host has it, and the little that hosts do differently: Node and a browser alike, without an
 * import of either.
 */

/** The host's own `MessagePort`. */
export type NativePort = InstanceType<typeof MessagePort>;

/** What comes with an event of a port. */
export interface PortEvent {
  readonly data: unknown;
  readonly ports: readonly Port[];
}

/** What is told of a port. */
export type PortNews = "message" | "messageerror" | "close";

/** The part of a port that is used here. */
export interface Port {
  postMessage(value: unknown, transfer?: readonly unknown[]): void;
  addEventListener(news: PortNews, run: (event: PortEvent) => void): void;
  removeEventListener(news: PortNews, run: (event: PortEvent) => void): void;
  start(): void;
  close(): void;
  /** Node only: keeps its thread alive while it listens. */
  ref?(): void;
  /** Node only: does not keep its thread alive. */
  unref?(): void;
}

/** Whether this is a port of this host. */
export function isPort(value: unknown): value is Port {
  return value instanceof MessagePort;
}

/** Two connected ports. */
export function newChannel(): [Port, Port] {
  const { port1, port2 } = new MessageChannel();
  return [portOf(port1), portOf(port2)];
}

/** The same port as the type used here. */
export function portOf(port: NativePort): Port {
  // The event types of the hosts' own declarations differ, and contain these.
  return port as unknown as Port;
}

/** The same port as the host's type. */
export function nativePort(port: Port): NativePort {
  return port as unknown as NativePort;
}

/**
 * Whether this host says `close` at a port when the thread at its other end dies: Node, and browsers of a certain age.
 */
export function tellsClose(): boolean {
  const { prototype } = MessagePort;
  return "ref" in prototype || "onclose" in prototype;
}
