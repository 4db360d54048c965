/**
 * Ways to clone a value by way of bytes, in two halves: written, and read again.
 */
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { deserialize, serialize } from "node:v8";
import { LocalNode, PortalPort } from "ipcz";
import { memDriver } from "@ipcz/driver-mem";

export interface Cloner {
  /** What was written stays until it is read; first in, first out. */
  write(value: unknown): void;
  read(): unknown;
  close(): void;
}

/** The first is what the others are compared to. */
export const CLONERS: ReadonlyMap<string, () => Cloner> = new Map([
  ["v8.serialize", openSerializer],
  ["MessageChannel", openChannel],
  ["PortalPort", openPorts],
]);

/** Bytes that stay where they are: V8's format and nothing else. */
function openSerializer(): Cloner {
  const written: Buffer[] = [];
  return {
    write: (value) => void written.push(serialize(value)),
    read: () => deserialize(written.shift() ?? Buffer.alloc(0)) as unknown,
    close: () => {},
  };
}

function openChannel(): Cloner {
  const { port1, port2 } = new MessageChannel();
  return {
    write: (value) => port1.postMessage(value),
    read: () => received(receiveMessageOnPort(port2)),
    close: () => port1.close(),
  };
}

/** Two ports of one node: what is written is put into a parcel, and nothing leaves the process. */
function openPorts(): Cloner {
  const node = new LocalNode(memDriver());
  const [here, there] = node.openPortals();
  const [port1, port2] = [new PortalPort(here), new PortalPort(there)];
  return {
    write: (value) => port1.postMessage(value),
    read: () => received(port2.receiveMessage()),
    close: () => {
      for (const port of [port1, port2]) port.close();
      node.close();
    },
  };
}

function received(result: { message: unknown } | undefined): unknown {
  if (!result) throw new Error("what was written cannot be read");
  return result.message;
}
