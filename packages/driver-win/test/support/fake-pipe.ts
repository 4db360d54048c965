/**
 * A pipe of the made-up Windows: two sides, each with what has been written to it, as much as a pipe takes.
 */
import type { ByteStream, StreamEvents } from "../../src/system.ts";

const capacity = 64 * 1024;

interface PendingWrite {
  chunks: Uint8Array[];
  readonly done: () => void;
}

/** One side. */
export class PipeSide {
  readonly pipe: FakePipe;
  /** Handles to it, in all processes. */
  handles = 0;
  onClosed: () => void = () => undefined;
  /** Written to it and not read yet. */
  private readonly arrived: Uint8Array[] = [];
  private arrivedBytes = 0;
  /** The other side's write that does not fit yet. */
  private pending: PendingWrite | null = null;
  private events: StreamEvents | null = null;
  private reading = false;
  private scheduled = false;

  constructor(pipe: FakePipe) {
    this.pipe = pipe;
  }

  get other(): PipeSide {
    const [first, second] = this.pipe.sides;
    return this === first ? second : first;
  }

  /** A handle to it is closed; with the last one, the side. */
  release(): void {
    this.handles--;
    if (this.handles > 0) return;
    this.onClosed();
    this.events = null;
    // What the system has not taken from this side goes with it, and nobody reads what was sent here.
    this.other.pending = null;
    const { pending } = this;
    this.pending = null;
    if (pending) this.other.breakOff(pending);
    this.other.schedule();
  }

  listen(events: StreamEvents): void {
    this.events = events;
  }

  read(wanted: boolean): void {
    this.reading = wanted;
    this.schedule();
  }

  write(chunks: readonly Uint8Array[], done: () => void): void {
    const write = { chunks: chunks.map((chunk) => chunk.slice()), done };
    if (this.other.handles === 0) {
      setImmediate(done);
      this.events?.broken(true);
    } else this.other.offer(write);
  }

  private breakOff({ done }: PendingWrite): void {
    setImmediate(() => {
      const { events } = this;
      done();
      events?.broken(false);
    });
  }

  private offer(write: PendingWrite): void {
    this.pending = write;
    this.fill();
    this.schedule();
  }

  private fill(): void {
    const { pending } = this;
    if (!pending) return;
    while (pending.chunks.length > 0 && this.arrivedBytes < capacity) {
      const [chunk] = pending.chunks;
      if (!chunk) break;
      const taken = chunk.subarray(0, capacity - this.arrivedBytes);
      this.arrived.push(taken);
      this.arrivedBytes += taken.length;
      if (taken.length < chunk.length) pending.chunks[0] = chunk.subarray(taken.length);
      else pending.chunks.shift();
    }
    if (pending.chunks.length > 0) return;
    this.pending = null;
    setImmediate(pending.done);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.deliver();
    });
  }

  /** All there is, and what follows when there is room. */
  takeArrived(): Uint8Array {
    const chunks: Uint8Array[] = [];
    while (this.arrivedBytes > 0) {
      chunks.push(...this.arrived.splice(0));
      this.arrivedBytes = 0;
      this.fill();
    }
    return new Uint8Array(Buffer.concat(chunks));
  }

  private deliver(): void {
    const { events } = this;
    if (!this.reading || !events) return;
    if (this.arrivedBytes > 0) {
      const bytes = new Uint8Array(Buffer.concat(this.arrived.splice(0)));
      this.arrivedBytes = 0;
      this.fill();
      events.data(bytes);
      this.schedule();
    } else if (this.other.handles === 0) {
      this.reading = false;
      events.end();
    }
  }
}

/** Two sides, and who made and who opened it. */
export class FakePipe {
  readonly serverPid: number;
  clientPid = 0;
  readonly sides: readonly [PipeSide, PipeSide];

  constructor(serverPid: number) {
    this.serverPid = serverPid;
    this.sides = [new PipeSide(this), new PipeSide(this)];
  }
}

/** A side as the stream of whoever has its handle, which `closeHandle` closes. */
export function streamOver(
  side: PipeSide,
  events: StreamEvents,
  closeHandle: () => void,
): ByteStream {
  side.listen(events);
  return {
    read: (wanted) => side.read(wanted),
    write: (chunks, done) => side.write(chunks, done),
    refer: () => undefined,
    rest: () => side.takeArrived(),
    close: () => closeHandle(),
  };
}
