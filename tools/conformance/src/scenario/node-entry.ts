/** The program of a started node, and what Node needs to run it. */
import process from "node:process";
import { fileURLToPath } from "node:url";

/** As source when this file is source, compiled when it is compiled. */
export const NODE_ENTRY: string = fileURLToPath(
  new URL(`./node-process-main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
);

/** Node runs TypeScript by itself from 22.18 on; before that the sources need a loader. */
export function loaderFlags(entry: string): string[] {
  if (!entry.endsWith(".ts")) return [];
  const condition = "--conditions=@ipcz/source";
  return "typescript" in process.features && process.features.typescript !== false
    ? [condition]
    : ["--import", "tsx", condition];
}
