/**
 * A pipe's end in the hands of the runtime: its `net.Socket` over a descriptor that stands for the handle.
 */
import { Socket } from "node:net";
import type { ByteStream, StreamEvents } from "../system.ts";

type Done = (error?: Error | null) => void;

/* oxlint-disable no-underscore-dangle -- the runtime's names for what a stream of bytes has to do */

/**
 * A socket that goes on reading when it cannot write any more. The runtime's own would drop what the peer sent before
 * it went: 3000 of 3000 bytes that had arrived, in a trial.
 */
class PipeSocket extends Socket {
  /** Told once, when a write fails; and whether that was refused at once, so that nothing of it has left. */
  onBroken: (isRefused: boolean) => void = () => undefined;
  private isBroken = false;
  /** A write is being handed to the system. */
  private isStarting = false;

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    this.start(done, (finish) => super._write(chunk, encoding, finish));
  }

  override _writev(
    chunks: { readonly chunk: unknown; readonly encoding: BufferEncoding }[],
    done: Done,
  ): void {
    this.start(done, (finish) => super._writev?.([...chunks], finish));
  }

  private start(done: Done, write: (finish: Done) => void): void {
    if (this.isBroken) {
      done();
      return;
    }
    this.isStarting = true;
    write((error) => this.finish(error, done));
    this.isStarting = false;
  }

  private finish(error: Error | null | undefined, done: Done): void {
    const isFirst = error != null && !this.isBroken;
    const isRefused = this.isStarting;
    if (isFirst) this.isBroken = true;
    done();
    if (isFirst) this.onBroken(isRefused);
  }
}

/**
 * Makes a stream of a descriptor, which is the stream's. Throws when the runtime cannot use it as a pipe. `readNow`
 * reads what the system has for it, without waiting.
 */
export function pipeStream(
  descriptor: number,
  events: StreamEvents,
  readNow: () => Uint8Array,
): ByteStream {
  const socket = new PipeSocket({ fd: descriptor, allowHalfOpen: true });
  let closed = false;
  const end = (): void => {
    if (!closed) events.end();
  };
  socket.onBroken = (isRefused) => {
    if (!closed) events.broken(isRefused);
  };
  // An event that nobody listens to would end the process.
  socket.on("error", end);
  socket.on("end", end);
  socket.on("data", ({ buffer, byteOffset, length }: Buffer) => {
    // Not as a Buffer, whose `slice` makes no copy.
    if (!closed) events.data(new Uint8Array(buffer, byteOffset, length));
  });
  socket.pause();
  return {
    read: (wanted) => {
      if (wanted) socket.resume();
      else socket.pause();
    },
    write: (chunks, done) => {
      const last = chunks.length - 1;
      socket.cork();
      for (const [index, chunk] of chunks.entries()) {
        socket.write(chunk, index === last ? () => done() : undefined);
      }
      socket.uncork();
    },
    refer: (wanted) => {
      if (wanted) socket.ref();
      else socket.unref();
    },
    rest: () => {
      closed = true;
      socket.pause();
      const held = socket.readableLength === 0 ? null : (socket.read() as Buffer | null);
      return new Uint8Array(Buffer.concat([held ?? new Uint8Array(0), readNow()]));
    },
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
}
