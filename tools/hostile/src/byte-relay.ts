/** Between two sockets: everything goes on, one byte at a time, with the descriptors beside it. */
import { closeSync } from "node:fs";
import { RawSocket, type Received } from "./raw-socket.ts";

class Direction {
  private readonly from: RawSocket;
  private readonly to: RawSocket;
  private held: Received | null = null;

  constructor(from: RawSocket, to: RawSocket) {
    this.from = from;
    this.to = to;
  }

  /** 1: a byte has gone on; 0: none could; null: nothing comes any more. */
  step(): number | null {
    this.held ??= this.from.receive(1);
    if (this.held === null) return null;
    const { bytes, descriptors } = this.held;
    if (bytes.length > 0 && !this.to.send(bytes, descriptors)) return 0;
    for (const descriptor of descriptors) closeSync(descriptor);
    this.held = null;
    return bytes.length;
  }
}

export class ByteRelay {
  /** Bytes that went through. */
  count = 0;
  private readonly sockets: readonly [RawSocket, RawSocket];
  private readonly directions: readonly [Direction, Direction];

  /** Takes both descriptors. */
  constructor(first: number, second: number) {
    const [a, b] = [new RawSocket(first), new RawSocket(second)];
    this.sockets = [a, b];
    this.directions = [new Direction(a, b), new Direction(b, a)];
  }

  /** A few bytes each way. When one side has hung up, so does this. */
  step(bytesMax: number): void {
    for (const direction of this.directions) {
      for (let i = 0; i < bytesMax; i++) {
        const step = direction.step();
        if (step === null) this.close();
        if (step !== 1) break;
        this.count++;
      }
    }
  }

  close(): void {
    for (const socket of this.sockets) socket.close();
  }
}
