/**
 * How messages and objects look on a socket: the part of the driver that can be exchanged.
 *
 * A codec says what a frame header holds and what bytes stand for an object. How frames are sent and put
 * together again is the same for all: descriptors travel with the first byte of their frame.
 */
import type { ObjectDescription } from "@ipcz/mojo-codec";

/**
 * What a frame says beside its message. Only ends that both have lanes say anything but `none`
 * (see `lane/`); no other reader could make sense of it.
 */
export const FrameMark = {
  none: 0,
  /** The frame after this one comes the other way: through the ring instead of the socket, or back. */
  turn: 1,
  /** No message, but the sender's ring and doorbell. */
  offer: 2,
} as const;
export type FrameMark = (typeof FrameMark)[keyof typeof FrameMark];

/** A frame header, decoded. The reader owns one and has it filled again and again. */
export interface FrameHeader {
  /** The whole frame, header included. */
  frameBytes: number;
  /** Where the message starts in the frame. */
  messageStart: number;
  /** Descriptors that belong to the frame. */
  descriptorCount: number;
  mark: FrameMark;
}

/** One wire format. */
export interface WireCodec {
  readonly name: string;
  /** Bytes of a header as it is written. */
  readonly headerBytes: number;
  /** Bytes that must be there before {@link WireCodec.readHeader} can be asked; a whole header may be longer. */
  readonly headerBytesMin: number;
  /** Most descriptors of one frame. */
  readonly descriptorsMax: number;
  /** Most descriptors that travel with one send; a frame with more is sent in pieces. */
  readonly descriptorsPerSendMax: number;
  /** Longest message that a header can describe. */
  readonly messageBytesMax: number;
  /** Largest memory that an object's bytes can describe. */
  readonly memoryBytesMax: number;

  /** Whether headers have room for a {@link FrameMark}; without it transports have no lanes. */
  readonly hasMarks: boolean;

  /** Writes the header of a frame at `start`; `headerBytes` long. */
  writeHeader(
    view: DataView,
    start: number,
    messageBytes: number,
    descriptorCount: number,
    mark: FrameMark,
  ): void;
  /** Reads the header at `start` into `header`; false when no honest peer writes it. */
  readHeader(view: DataView, start: number, header: FrameHeader): boolean;
  /** Bytes of an object when serialized; 0 when the format has no such object. */
  objectBytes(object: ObjectDescription): number;
  /** Writes the bytes of an object at the start of `data`. */
  writeObject(data: Uint8Array, object: ObjectDescription): void;
  /** Reads an object from the first `numBytes` of `data`; null when they describe none. Its descriptors are elsewhere. */
  readObject(data: Uint8Array, numBytes: number): ObjectDescription | null;
}
