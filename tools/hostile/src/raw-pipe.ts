/** One end of a named pipe in hostile hands: bytes in whatever portions, and nothing that comes is looked at. */
import { connect, type Socket } from "node:net";
import { once } from "node:events";

export class RawPipe {
  private readonly socket: Socket;

  /** Takes a connected socket. */
  constructor(socket: Socket) {
    this.socket = socket;
    // Whoever is at the other end hangs up as soon as it has seen enough.
    socket.on("error", () => undefined);
    socket.resume();
  }

  static async connect(path: string): Promise<RawPipe> {
    const socket = connect(path);
    await once(socket, "connect");
    return new RawPipe(socket);
  }

  /** Resolves when the system has taken all of it; false: nobody is there any more. */
  send(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.socket.write(bytes, (error) => {
        resolve(error === null || error === undefined);
      });
    });
  }

  leave(): void {
    this.socket.destroy();
  }
}
