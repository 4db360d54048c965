/** The ipcz driver for Windows: every public name, listed one by one. */
export { winDriver } from "./driver.ts";
export type { LiveObjects, WinDriver, WinDriverOptions } from "./driver.ts";
export type {
  BadTransportActivity,
  DriverOptions,
  DriverUpkeep,
  SpawnedWithTransport,
} from "@ipcz/driver-base";
export { MOJO_PLATFORM_CHANNEL_HANDLE } from "./child.ts";
export type { StartOptions } from "./child.ts";
export type { ConnectPipeOptions } from "./connect-pipe.ts";
export type { ConnectionHandler, ListenOptions, PeerCredentials, WinListener } from "./listener.ts";
export { WinError } from "./os-error.ts";
