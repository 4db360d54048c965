/** How a script beside this one is run in a process of its own: compiled, also when this runs as it is written. */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = import.meta.url.endsWith(".ts") ? "../dist/" : "./";

/** Arguments for Node; `name` is that of the built file. */
export function childScript(name: string, ...args: readonly string[]): string[] {
  return [fileURLToPath(new URL(`${folder}${name}`, import.meta.url)), ...args];
}

/**
 * The first process with pipes that Node starts costs it a descriptor for ever; so one is started before anything is
 * counted.
 */
export function startFirstProcess(): Promise<void> {
  const child = spawn(process.execPath, ["--version"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdout.resume();
  return new Promise((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
}
