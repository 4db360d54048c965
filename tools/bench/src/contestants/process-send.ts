/**
 * Node's own channel between parent and child: `process.send`, in both of its serializations. JSON carries text, so its
 * messages are strings; advanced carries the bytes.
 */
import { fork, type Serializable } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Carrier, nextMessage, type Port } from "../messages/port.ts";
import { FAR_STDIO, FarProcess } from "./far-process.ts";

const FAR = fileURLToPath(new URL("./process-send-far.js", import.meta.url));

export type Serialization = "json" | "advanced";

/** Either end: a child seen by its parent, or the process itself seen by the child. */
interface Sender {
  send?(message: Serializable): boolean;
  on(event: "message", listener: (message: unknown) => void): unknown;
  disconnect?(): void;
}

export class ProcessPort implements Port<Serializable> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly sender: Sender;
  private readonly serialization: Serialization;

  constructor(sender: Sender, serialization: Serialization) {
    this.sender = sender;
    this.serialization = serialization;
    sender.on("message", (message) => {
      if (typeof message === "string")
        this.onMessage(message.charCodeAt(0), () => Buffer.from(message, "latin1"));
      else if (message instanceof Uint8Array) this.onMessage(message[0] ?? 0, () => message);
    });
  }

  prepare(bytes: Uint8Array): Serializable {
    return this.serialization === "json" ? Buffer.from(bytes).toString("latin1") : bytes;
  }

  send(message: Serializable): void {
    this.sender.send?.(message);
  }

  close(): void {
    this.sender.disconnect?.();
  }
}

export function processSend(serialization: Serialization): Carrier<Serializable> {
  return {
    open: async () => {
      const child = fork(FAR, [serialization], { serialization, stdio: [...FAR_STDIO, "ipc"] });
      const far = new FarProcess(child);
      const port = new ProcessPort(child, serialization);
      await nextMessage(port);
      return { port, close: () => far.end(() => port.close()) };
    },
  };
}
