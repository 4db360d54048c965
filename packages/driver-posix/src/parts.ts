/**
 * The parts of one driver, put together; its functions are written over these.
 */
import { Turn, unknownPeer, type DriverSettings, type Listening } from "@ipcz/driver-base";
import type { TransportPeer } from "@ipcz/mojo-codec";
import { alignedBytes } from "./aligned-bytes.ts";
import { ChunkPool, Chunk } from "./chunk.ts";
import type { WireCodec } from "./codec.ts";
import { MessageCopier } from "./copy-bytes.ts";
import type { Descriptor } from "./fd.ts";
import { FrameBuffers } from "./frame-buffers.ts";
import { GatheredMessages } from "./gathered-messages.ts";
import type { LaneSettings, LaneSupplies } from "./lane/lane-supplies.ts";
import { copiedFrameBytesMax, readBytes, sendVectorsMax } from "./limits.ts";
import { Mapper } from "./mapping.ts";
import { ObjectTable } from "./objects.ts";
import { ReceiveMessage } from "./receive-message.ts";
import { SendMessage } from "./send-message.ts";
import type { System } from "./system.ts";
import { SocketTransport, type TransportSupplies } from "./transport.ts";

/** What an application can say about its driver, defaults filled in. */
export interface PosixSettings extends DriverSettings {
  readonly socketBufferBytes: number;
  /** Null for no lanes. */
  readonly lanes: LaneSettings | null;
}

/** One driver from the inside. */
export interface DriverParts {
  readonly system: System;
  readonly codec: WireCodec;
  readonly settings: PosixSettings;
  readonly objects: ObjectTable;
  readonly mapper: Mapper;
  readonly lingering: Set<SocketTransport>;
  /** Named sockets that are listened at. */
  readonly listeners: Set<Listening>;
  /** Whether active transports and listeners keep the process alive. */
  readonly keepsAlive: { wanted: boolean };
  /** Ends of lanes that are open. */
  readonly lanes: { readonly count: number };
  /** Makes a transport of a prepared socket; takes it. `peer` is what is known of the other end, if anything. */
  createTransport(socket: Descriptor, peer?: TransportPeer): SocketTransport;
}

/** Builds the parts. */
export function buildParts(system: System, codec: WireCodec, settings: PosixSettings): DriverParts {
  const objects = new ObjectTable();
  const mapper = new Mapper(system);
  const supplies = buildSupplies(system, codec, settings, objects, mapper);
  return {
    system,
    codec,
    settings,
    objects,
    mapper,
    lingering: supplies.lingering,
    listeners: new Set(),
    keepsAlive: supplies.keepsAlive,
    lanes: supplies.lanes?.open ?? { count: 0 },
    createTransport: (socket, peer = unknownPeer) => new SocketTransport(socket, peer, supplies),
  };
}

function buildSupplies(
  system: System,
  codec: WireCodec,
  settings: PosixSettings,
  objects: ObjectTable,
  mapper: Mapper,
): TransportSupplies {
  const { foreign } = system;
  const bytes = alignedBytes(foreign, readBytes);
  const frameBuffers = new FrameBuffers();
  const supplies = {
    system,
    write: {
      codec,
      message: new SendMessage(system, sendVectorsMax, codec.descriptorsPerSendMax),
      chunks: new ChunkPool(foreign, frameBuffers),
      copier: new MessageCopier(),
      scratch: new Chunk(foreign, new Uint8Array(codec.headerBytes + copiedFrameBytesMax)),
      shortages: system.platform.shortages,
      addressOf: (data: Uint8Array) => foreign.address(data),
    },
    read: {
      codec,
      frameBytesMax: settings.frameBytesMax,
      message: new ReceiveMessage(system, codec.descriptorsPerSendMax),
      bytes,
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      address: foreign.address(bytes),
      gathered: new GatheredMessages(readBytes / codec.headerBytesMin),
    },
    turn: new Turn(),
    frameBuffers,
    keepsAlive: { wanted: settings.referenced },
    lingerMs: settings.lingerMs,
    lingering: new Set<SocketTransport>(),
    nameDescriptors: (descriptors: readonly Descriptor[]) => objects.nameDescriptors(descriptors),
  };
  return { ...supplies, lanes: buildLanes(supplies, settings.lanes, mapper) };
}

/** Null unless they are wanted and both the codec and the system have what they need. */
function buildLanes(
  { system, write, read }: Omit<TransportSupplies, "lanes">,
  settings: LaneSettings | null,
  mapper: Mapper,
): LaneSupplies | null {
  if (!settings || !system.platform.lanes || !write.codec.hasMarks) return null;
  const bytes = new Uint8Array(1);
  return {
    system,
    settings,
    mapper,
    bellByte: { bytes, address: system.foreign.address(bytes) },
    write,
    read: { ...read, words: wordsOf(read.bytes) },
    open: { count: 0 },
  };
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
