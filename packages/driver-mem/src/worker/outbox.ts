/**
 * What has been sent over a port and not been posted: the messages of one turn go as one batch.
 *
 * Posting costs some microseconds whatever it carries, so what is sent in one turn is gathered, and posted in the
 * microtask that follows it, or as soon as it has grown large. The bytes are transferred, not cloned.
 */
import { batchValue, FRAME_HEADER_BYTES, writeFrameHeader } from "./batch.ts";
import { deadSeat, portsOf, type CargoItem } from "./cargo.ts";
import type { Port } from "./port.ts";

/** A batch is posted when it has grown to this, so that the reader can begin. */
const BATCH_BYTES = 64 * 1024;
const FIRST_BYTES = 512;
/** What the length in a frame header can say. */
const FRAME_BYTES_MAX = 2 ** 32 - 1;
const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** The sending side of one port. */
export class Outbox {
  private readonly port: Port;
  private bytes: Uint8Array<ArrayBuffer> = NOTHING;
  private used = 0;
  private cargo: CargoItem[] = [];
  private due = false;

  constructor(port: Port) {
    this.port = port;
  }

  /** Makes room for a message of so many bytes, in a new batch if need be. Throws when the host has not so much. */
  reserve(byteCount: number): void {
    const frameBytes = FRAME_HEADER_BYTES + byteCount;
    if (frameBytes > FRAME_BYTES_MAX) throw new RangeError("a length that no frame header holds");
    const needed = this.used + frameBytes;
    if (needed <= this.bytes.length) return;
    if (this.used > 0 && needed > BATCH_BYTES) {
      this.flush();
      this.bytes = new Uint8Array(Math.max(FIRST_BYTES, frameBytes));
      return;
    }
    const larger = new Uint8Array(Math.max(FIRST_BYTES, needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }

  /** Copies the bytes and takes `cargo`. Room for the bytes has been reserved. */
  push(data: Uint8Array | null, byteCount: number, cargo: readonly CargoItem[] | null): void {
    const frameBytes = FRAME_HEADER_BYTES + byteCount;
    writeFrameHeader(this.bytes, this.used, byteCount, cargo === null ? 0 : cargo.length);
    if (data !== null && byteCount > 0) {
      const exact = data.length === byteCount ? data : data.subarray(0, byteCount);
      this.bytes.set(exact, this.used + FRAME_HEADER_BYTES);
    }
    this.used += frameBytes;
    if (cargo !== null) for (const item of cargo) this.cargo.push(item);
    if (this.used >= BATCH_BYTES) this.flush();
    else this.request();
  }

  /** Posts what has been gathered. */
  flush(): void {
    if (this.used === 0) return;
    const { bytes, used, cargo } = this;
    this.bytes = NOTHING;
    this.used = 0;
    this.cargo = [];
    const exact = bytes.subarray(0, used);
    try {
      this.post(exact, cargo);
    } catch {
      // A port in it has closed by itself since it was taken: its peer has died this very turn.
      this.post(exact, cargo.map(travelling));
    }
  }

  private post(bytes: Uint8Array, cargo: readonly CargoItem[]): void {
    this.port.postMessage(batchValue(bytes, cargo), [bytes.buffer, ...portsOf(cargo)]);
  }

  private request(): void {
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => {
      this.due = false;
      this.flush();
    });
  }
}

/** The item itself if it can still be transferred, or an end that says the same: that its peer is gone. */
function travelling(item: CargoItem): CargoItem {
  if (!("port" in item)) return item;
  try {
    const port = structuredClone(item.port, { transfer: [item.port as never] });
    return { ...item, port };
  } catch {
    return deadSeat();
  }
}
