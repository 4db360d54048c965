/** The bytes of Chromium's ipcz driver: every public name, listed one by one. */
export {
  frameHandlesMax,
  frameHeaderBytesMin,
  isFrameHeader,
  readFrameBytes,
  readHandleCount,
  readHeaderBytes,
  timedFrameHeaderBytes,
  writeFrameHeader,
  writeSendTime,
} from "./frame-header.ts";
export type { MojoFrameHeader } from "./frame-header.ts";
export { memoryBytesMax } from "./object-bodies.ts";
export { objectBytes, readObject, writeObject } from "./object-codec.ts";
export type { ReadObject } from "./object-codec.ts";
export type { HandlePlacement, InlineHandles } from "./object-header.ts";
export { handlesPerObject } from "./objects.ts";
export type {
  DataPipeDescription,
  EndpointType,
  MemoryAccess,
  MemoryDescription,
  ObjectDescription,
  PlatformHandleDescription,
  TransportDescription,
  TransportPeer,
} from "./objects.ts";
