/**
 * The parts of one driver, put together; its functions are written over these.
 */
import { DriverObjects, Turn, type DriverSettings, type Listening } from "@ipcz/driver-base";
import type { PipeEnd } from "./end.ts";
import type { WinHandle } from "./handle.ts";
import { localHandlesOf, type LocalHandles } from "./local-handles.ts";
import { Mapper } from "./mapping.ts";
import type { ObjectTable } from "./objects.ts";
import type { WinSystem } from "./system.ts";
import { PipeTransport } from "./transport.ts";

/** One driver from the inside. */
export interface DriverParts {
  readonly system: WinSystem;
  readonly settings: DriverSettings;
  readonly objects: ObjectTable;
  readonly local: LocalHandles;
  readonly mapper: Mapper;
  readonly lingering: Set<PipeTransport>;
  readonly listeners: Set<Listening>;
  /** Whether active transports and listeners keep the process alive. */
  readonly keepsAlive: { wanted: boolean };
  /** Makes a transport; takes the handle and the end. */
  createTransport(handle: WinHandle, end: PipeEnd): PipeTransport;
}

/** Builds the parts. */
export function buildParts(system: WinSystem, settings: DriverSettings): DriverParts {
  const keepsAlive = { wanted: settings.referenced };
  const lingering = new Set<PipeTransport>();
  const { frameBytesMax, lingerMs } = settings;
  const local = localHandlesOf(system);
  const turn = new Turn();
  const supplies = { system, local, turn, keepsAlive, frameBytesMax, lingerMs, lingering };
  return {
    system,
    settings,
    objects: new DriverObjects(),
    local,
    mapper: new Mapper(system),
    lingering,
    listeners: new Set(),
    keepsAlive,
    createTransport: (handle, end) => new PipeTransport(handle, end, supplies),
  };
}
