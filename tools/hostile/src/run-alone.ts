/** Runs a script beside this one in a process of its own, and waits for its end. */
import { spawn } from "node:child_process";
import process from "node:process";
import type { Failure } from "./failure.ts";
import { childScript } from "./child-script.ts";

const CALM = ["--no-sparkplug", "--no-opt"];

/** A script says what harm there was and fails, or ends with 0; `alive` is called whenever it says anything else. */
export function runAlone(
  name: string,
  args: readonly string[],
  alive: () => void = () => undefined,
): Promise<Failure[]> {
  // V8 ends a process that has no room for what it compiles beside running it; what is tested is our room.
  const child = spawn(process.execPath, [...CALM, ...childScript(name, ...args)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdout.on("data", alive);
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      const isFine = code === 0;
      resolve(isFine ? [] : [{ attack: 0, what: `ended with ${signal ?? code}: ${errors}` }]);
    });
  });
}
