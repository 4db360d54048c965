/** How a script beside this one is run in a process of its own: as it is, or compiled. */
import { fileURLToPath } from "node:url";

/** Arguments for Node; `name` ends in .ts. */
export function childScript(name: string, ...args: readonly string[]): string[] {
  const isSource = import.meta.url.endsWith(".ts");
  const script = fileURLToPath(
    new URL(isSource ? name : name.replace(/ts$/, "js"), import.meta.url),
  );
  return [...(isSource ? ["--import", "tsx", "--conditions=@ipcz/source"] : []), script, ...args];
}
