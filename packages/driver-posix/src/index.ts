/** The ipcz driver for POSIX systems: every public name, listed one by one. */
export { posixDriver } from "./driver.ts";
export type { PosixDriver, PosixDriverOptions, LiveObjects } from "./driver.ts";
export type {
  BadTransportActivity,
  DriverOptions,
  DriverUpkeep,
  SpawnedWithTransport,
} from "@ipcz/driver-base";
export { IPCZ_TRANSPORT_FD } from "./child.ts";
export type { SpawnWithTransportOptions } from "./child.ts";
export { FrameMark } from "./codec.ts";
export type { WireCodec, FrameHeader } from "./codec.ts";
export type { DataPipeFacts } from "./data-pipe.ts";
export { mojoCodec } from "./mojo-codec.ts";
export type { MojoCodecOptions } from "./mojo-codec.ts";
export type { LaneOptions } from "./lane/lane-supplies.ts";
export type { ConnectionHandler, ListenOptions, PosixListener } from "./listener.ts";
export type { ConnectSocketOptions } from "./connect-socket.ts";
export type { PeerCredentials } from "./platform.ts";
export { referenceCodec } from "./reference-codec.ts";
export { PosixError } from "./os-error.ts";
