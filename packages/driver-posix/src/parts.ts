/**
 * The parts of one driver, put together; its functions are written over these.
 */
import { ChunkPool, Chunk } from "./chunk.ts";
import type { WireCodec } from "./codec.ts";
import { MessageCopier } from "./copy-bytes.ts";
import type { Descriptor } from "./fd.ts";
import { FrameBuffers } from "./frame-buffers.ts";
import { copiedFrameBytesMax, readBytes, sendVectorsMax } from "./limits.ts";
import { Mapper } from "./mapping.ts";
import { ObjectTable } from "./objects.ts";
import { ReceiveMessage } from "./receive-message.ts";
import { SendMessage } from "./send-message.ts";
import type { System } from "./system.ts";
import { SocketTransport, type TransportSupplies } from "./transport.ts";
import { Turn } from "./turn.ts";

/** What an application can say about its driver, defaults filled in. */
export interface DriverSettings {
  readonly referenced: boolean;
  readonly socketBufferBytes: number;
  readonly frameBytesMax: number;
  readonly backlogBytesMax: number;
  readonly lingerMs: number;
}

/** One driver from the inside. */
export interface DriverParts {
  readonly system: System;
  readonly codec: WireCodec;
  readonly settings: DriverSettings;
  readonly objects: ObjectTable;
  readonly mapper: Mapper;
  readonly lingering: Set<SocketTransport>;
  /** Makes a transport of a prepared socket; takes it. */
  createTransport(socket: Descriptor): SocketTransport;
}

/** Builds the parts. */
export function buildParts(
  system: System,
  codec: WireCodec,
  settings: DriverSettings,
): DriverParts {
  const objects = new ObjectTable();
  const lingering = new Set<SocketTransport>();
  const supplies = buildSupplies(system, codec, settings, objects, lingering);
  return {
    system,
    codec,
    settings,
    objects,
    mapper: new Mapper(system),
    lingering,
    createTransport: (socket) => new SocketTransport(socket, supplies),
  };
}

function buildSupplies(
  system: System,
  codec: WireCodec,
  settings: DriverSettings,
  objects: ObjectTable,
  lingering: Set<SocketTransport>,
): TransportSupplies {
  const { foreign } = system;
  const bytes = new Uint8Array(readBytes);
  return {
    system,
    write: {
      codec,
      message: new SendMessage(system, sendVectorsMax, codec.descriptorsMax),
      chunks: new ChunkPool(foreign),
      copier: new MessageCopier(),
      scratch: new Chunk(foreign, codec.headerBytes + copiedFrameBytesMax),
      shortages: system.platform.shortages,
      addressOf: (data) => foreign.address(data),
    },
    read: {
      codec,
      frameBytesMax: settings.frameBytesMax,
      message: new ReceiveMessage(system, codec.descriptorsMax),
      bytes,
      view: new DataView(bytes.buffer),
      address: foreign.address(bytes),
    },
    turn: new Turn(),
    frameBuffers: new FrameBuffers(),
    referenced: settings.referenced,
    lingerMs: settings.lingerMs,
    lingering,
    nameDescriptors: (descriptors) => objects.nameDescriptors(descriptors),
  };
}
