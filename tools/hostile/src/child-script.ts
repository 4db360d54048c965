/** How a script beside this one is run in a process of its own: compiled, also when this runs as it is written. */
import { fileURLToPath } from "node:url";

const folder = import.meta.url.endsWith(".ts") ? "../dist/" : "./";

/** Arguments for Node; `name` is that of the built file. */
export function childScript(name: string, ...args: readonly string[]): string[] {
  return [fileURLToPath(new URL(`${folder}${name}`, import.meta.url)), ...args];
}
