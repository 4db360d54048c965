/**
 * Node's MessageChannel between two threads of one process; the bytes are cloned, as between processes.
 */
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { type Carrier, nextMessage, type Port } from "../messages/port.ts";

const FAR = new URL("./message-channel-far.js", import.meta.url);

export class MessagePortPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly port: MessagePort;

  constructor(port: MessagePort) {
    this.port = port;
    port.on("message", (bytes: Uint8Array) => this.onMessage(bytes[0] ?? 0, () => bytes));
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    this.port.postMessage(message);
  }

  close(): void {
    this.port.close();
  }
}

export const messageChannel: Carrier<Uint8Array> = {
  open: async () => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(FAR, { workerData: port2, transferList: [port2] });
    const port = new MessagePortPort(port1);
    await nextMessage(port);
    return {
      port,
      close: async () => {
        port.close();
        await worker.terminate();
      },
    };
  },
};
