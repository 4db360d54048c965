/**
 * The two halves of a transport, over its socket: with a lane beside it, or without.
 */
import type { Descriptor } from "./fd.ts";
import type { FrameBuffers } from "./frame-buffers.ts";
import { Inbound, type InboundOwner } from "./lane/inbound.ts";
import { announceLanes } from "./lane/lane-name.ts";
import type { LaneSupplies } from "./lane/lane-supplies.ts";
import { Outbound } from "./lane/outbound.ts";
import { PartialFrame } from "./partial-frame.ts";
import { FrameReader, type ReadSupplies } from "./read-frames.ts";
import type { System } from "./system.ts";
import { FrameWriter, type WriteSupplies } from "./write-frames.ts";

/** What the halves of a driver's transports share. */
export interface HalvesSupplies {
  readonly system: System;
  readonly write: WriteSupplies;
  readonly read: ReadSupplies;
  readonly frameBuffers: FrameBuffers;
  /** Null for transports that have no lanes. */
  readonly lanes: LaneSupplies | null;
}

/** Sender and receiver. */
export interface Halves {
  readonly writer: FrameWriter | Outbound;
  readonly reader: FrameReader | Inbound;
  /** The transport is active and stays with this process: it may have a lane from now on. */
  begin(): void;
}

/** Makes them for a transport. */
export function makeHalves(
  socket: Descriptor,
  supplies: HalvesSupplies,
  owner: InboundOwner,
): Halves {
  const { system, read, write, frameBuffers, lanes } = supplies;
  const partial = new PartialFrame(system.foreign, frameBuffers);
  const frameWriter = new FrameWriter(socket, write);
  if (!lanes) {
    const reader = new FrameReader(socket, read, partial, owner.sink);
    return { writer: frameWriter, reader, begin: () => undefined };
  }
  const frameReader = new FrameReader(socket, read, partial, owner.sink, (offer, descriptors) =>
    reader.take(offer, descriptors),
  );
  const reader: Inbound = new Inbound(frameReader, lanes, owner);
  const writer = new Outbound(socket, frameWriter, lanes);
  return {
    writer,
    reader,
    begin: () => {
      if (announceLanes(system, write.codec, socket)) reader.expectOffer();
      writer.begin();
    },
  };
}
