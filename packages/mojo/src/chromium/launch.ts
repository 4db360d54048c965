/**
 * Starts a child process of Chromium that has this process as its broker (spec: mojo 6).
 */
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { IpczDriverHandle } from "@ipcz/api";
import type { PosixDriver } from "@ipcz/driver-posix";
import { ChildDescriptor } from "./descriptors.ts";

/** What to start. */
export interface LaunchOptions {
  /** The browser's binary itself, not a script that starts it. */
  readonly program: string;
  /** The service that the child is to run: "data_decoder.mojom.DataDecoderService". */
  readonly service: string;
  /** A folder that the child may write to; it should not be anybody's profile. */
  readonly dataDirectory: string;
  /** The child finds its broker through this process, which is none: invite it with `shareBroker`. */
  readonly inheritBroker?: boolean;
  /** More switches. */
  readonly switches?: readonly string[];
  /** What becomes of the child's output; dropped by default. */
  readonly output?: "inherit" | "ignore" | "pipe";
}

/** A started child. */
export interface LaunchedChild {
  readonly child: ChildProcess;
  /** To be invited over; the caller's. */
  readonly transport: IpczDriverHandle;
}

/**
 * The switches of a child that runs a service outside any sandbox.
 *
 * Outside the sandbox because that needs helpers which only a browser has; such a child is as trusted as this process.
 */
export function childSwitches(options: LaunchOptions): string[] {
  const { service, dataDirectory, inheritBroker = false, switches = [] } = options;
  return [
    "--type=utility",
    `--utility-sub-type=${service}`,
    "--service-sandbox-type=service",
    "--lang=en-US",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--crashpad-handler-pid=0",
    `--user-data-dir=${dataDirectory}`,
    ...(inheritBroker ? ["--disable-mojo-broker"] : []),
    ...switches,
  ];
}

/** Starts it; throws what `spawn` throws. */
export function launchChild(driver: PosixDriver, options: LaunchOptions): LaunchedChild {
  const { output = "ignore" } = options;
  const nothing = openSync("/dev/null", "r+");
  try {
    return driver.spawnWithTransport(options.program, childSwitches(options), {
      // Up to here, and then nothing before the socket: what is left out is closed in the child.
      stdio: ["ignore", output, output, nothing],
      transportDescriptor: ChildDescriptor.mojo,
    });
  } finally {
    closeSync(nothing);
  }
}
