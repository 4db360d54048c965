/**
 * The wire format of Chromium's driver (spec: mojo 1 and 2), over `@ipcz/mojo-codec`.
 *
 * A frame is a header, which says its own length, and the message; descriptors travel with its first bytes. An object
 * is a header, a body by type, and one descriptor, or two for memory that only its one holder may write to.
 */
import { monotonicMicros } from "@ipcz/driver-base";
import {
  frameHeaderBytesMin,
  isFrameHeader,
  memoryBytesMax,
  objectBytes,
  readFrameBytes,
  readHandleCount,
  readHeaderBytes,
  readObject,
  timedFrameHeaderBytes,
  writeFrameHeader,
  writeObject,
  writeSendTime,
} from "@ipcz/mojo-codec";
import { FrameMark, type WireCodec } from "./codec.ts";
import { mojoDescriptorsMax, mojoDescriptorsPerSendMax } from "./limits.ts";

/** What a codec is to write; it reads headers of any length. */
export interface MojoCodecOptions {
  /** `timed`, as Chromium writes them now: 16 bytes with the time of sending. `short`: the 8 bytes of before. */
  readonly headers?: "timed" | "short";
}

/** `"mojo"`. */
export function mojoCodec({ headers = "timed" }: MojoCodecOptions = {}): WireCodec {
  const isTimed = headers === "timed";
  const headerBytes = isTimed ? timedFrameHeaderBytes : frameHeaderBytesMin;
  return {
    name: "mojo",
    headerBytes,
    headerBytesMin: frameHeaderBytesMin,
    descriptorsMax: mojoDescriptorsMax,
    descriptorsPerSendMax: mojoDescriptorsPerSendMax,
    messageBytesMax: 2 ** 32 - 1 - headerBytes,
    memoryBytesMax,
    hasMarks: false,

    writeHeader(view, start, messageBytes, handleCount): void {
      const frameBytes = headerBytes + messageBytes;
      writeFrameHeader(view, start, { headerBytes, handleCount, frameBytes });
      if (isTimed) writeSendTime(view, start, monotonicMicros());
    },

    readHeader(view, start, header): boolean {
      header.messageStart = readHeaderBytes(view, start);
      header.frameBytes = readFrameBytes(view, start);
      header.descriptorCount = readHandleCount(view, start);
      header.mark = FrameMark.none;
      return (
        isFrameHeader(header.messageStart, header.frameBytes) &&
        header.descriptorCount <= mojoDescriptorsMax
      );
    },

    objectBytes: (object) => objectBytes(object, null),
    writeObject: (data, object) => writeObject(data, object, null),
    readObject: (data, numBytes) => readObject(data, numBytes, "beside")?.object ?? null,
  };
}
