/**
 * A parcel's bytes in the middle of a buffer in which their message can be built around them, so that they are not copied
 * once more to be sent.
 */
import type { SpareBuffer } from "../base/spare-buffer.ts";
import type { BytesHome } from "../memory/bytes-home.ts";

export class RoomBytes implements BytesHome {
  readonly home: SpareBuffer;
  private readonly room: Uint8Array;
  private isTaken = false;

  /** Takes `room`, which goes back to `home`. */
  constructor(room: Uint8Array, home: SpareBuffer) {
    this.room = room;
    this.home = home;
  }

  view(start: number, numBytes: number): Uint8Array {
    return this.room.subarray(start, start + numBytes);
  }

  copyOut(start: number, target: Uint8Array, numBytes: number): void {
    target.set(this.view(start, numBytes));
  }

  /** The whole buffer, once; the caller gives it back. The bytes can still be read. */
  take(): Uint8Array | null {
    if (this.isTaken) return null;
    this.isTaken = true;
    return this.room;
  }

  release(): void {
    if (!this.isTaken) this.home.give(this.room);
    this.isTaken = true;
  }
}
