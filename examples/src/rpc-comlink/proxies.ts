/**
 * Lets `Comlink.proxy` work between processes: where it would make a `MessageChannel`, whose ports cannot leave their
 * process, it makes a `PortalChannel`.
 */
import * as Comlink from "comlink";
import { type Node, PortalChannel, type PortalPort } from "ipcz";

export function proxyOver(node: Node): void {
  Comlink.transferHandlers.set("proxy", {
    canHandle: (value): value is Comlink.ProxyMarked =>
      typeof value === "object" || typeof value === "function"
        ? Comlink.proxyMarker in (value ?? {})
        : false,
    serialize: (value) => {
      const { port1, port2 } = new PortalChannel(node);
      Comlink.expose(value, port1);
      return [port2, [port2]];
    },
    deserialize: (port: PortalPort) => Comlink.wrap(port),
  });
}
