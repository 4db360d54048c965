/**
 * The command line: arguments in, lines and an exit code out.
 */
import { inspect } from "./inspect.ts";

/** What the command needs of the world around it. */
export interface World {
  /** The text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Everything was printed. */
export const EXIT_OK = 0;
/** A file cannot be read, or is no capture. */
export const EXIT_BAD_FILE = 1;
/** The arguments make no sense. */
export const EXIT_USAGE = 2;

const USAGE = `usage: node dist/main.js capture.json...

Prints recorded ipcz traffic, one line a frame: number, time, link, sender>receiver, message.

  -h, --help   this text

Exit codes: 0 all printed, 1 a file is unreadable or no capture, 2 wrong arguments.`;

/** Runs the command; answers its exit code. */
export function run(args: readonly string[], world: World): number {
  if (args.includes("--help") || args.includes("-h")) {
    world.print(USAGE);
    return EXIT_OK;
  }
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown !== undefined || args.length === 0) {
    world.complain(unknown === undefined ? USAGE : `unknown option ${unknown}; try --help`);
    return EXIT_USAGE;
  }
  let code = EXIT_OK;
  for (const path of args) if (!printFile(path, world)) code = EXIT_BAD_FILE;
  return code;
}

function printFile(path: string, { readFile, print, complain }: World): boolean {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    complain(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
  const lines = inspect(text);
  if (!lines) {
    complain(`${path}: not a capture`);
    return false;
  }
  for (const line of lines) print(line);
  return true;
}
