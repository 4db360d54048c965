/**
 * Being started by a browser in place of one of its child processes: with `--utility-cmd-prefix=<program>` it starts
 * `<program> <itself> --type=utility …` with the child's descriptors (spec: mojo 5).
 */
import type { IpczDriverHandle } from "@ipcz/api";
import type { PosixDriver } from "@ipcz/driver-posix";
import { ChildDescriptor } from "./descriptors.ts";

/** What a browser wanted to start. */
export interface ChildCommand {
  /** The program, and all its arguments: what to start when one is not meant. */
  readonly command: string;
  readonly args: readonly string[];
  /** "utility", "renderer", … */
  readonly type: string;
  /** Which service a utility process is for: "network.mojom.NetworkService"; null for others. */
  readonly service: string | null;
}

/** Finds the child's command in arguments, those of `process.argv.slice(2)`; null when they hold none. */
export function childCommand(argv: readonly string[]): ChildCommand | null {
  const [command, ...args] = argv;
  const type = valueOf(args, "type");
  if (command === undefined || type === null) return null;
  return { command, args, type, service: valueOf(args, "utility-sub-type") };
}

/** The transport to the browser that has started this process; to be joined over. Throws when there is none. */
export function transportFromBrowser(driver: PosixDriver): IpczDriverHandle {
  return driver.transportFromDescriptor(ChildDescriptor.mojo, {
    destination: "broker",
    isPeerTrusted: true,
    isTrustedByPeer: false,
  });
}

function valueOf(args: readonly string[], name: string): string | null {
  const prefix = `--${name}=`;
  return args.find((each) => each.startsWith(prefix))?.slice(prefix.length) ?? null;
}
