/**
 * One end of a data pipe: shared memory used as a ring, and where its bytes are. Here it only travels; who reads and
 * writes it is the application, which also has the portal over which the two ends tell each other how much.
 */
import type { DataPipeDescription } from "@ipcz/mojo-codec";
import type { SharedMemory } from "./memory.ts";

/** What an end knows beside its memory. */
export type DataPipeFacts = Omit<DataPipeDescription, "kind" | "buffer">;

/** An end, which owns its memory. */
export class DataPipeEnd implements DataPipeDescription {
  readonly kind = "data-pipe";
  readonly end: DataPipeFacts["end"];
  readonly elementBytes: number;
  readonly offset: number;
  readonly readableBytes: number;
  readonly buffer: SharedMemory;

  /** Takes the memory. */
  constructor({ end, elementBytes, offset, readableBytes }: DataPipeFacts, buffer: SharedMemory) {
    this.end = end;
    this.elementBytes = elementBytes;
    this.offset = offset;
    this.readableBytes = readableBytes;
    this.buffer = buffer;
  }

  close(): void {
    this.buffer.close();
  }
}
