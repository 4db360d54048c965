/** The programs of the page and of its workers, each as one module that a browser can load. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** From sources if this file is a source, from compiled files if it is compiled. */
const extension: string = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Text of each module, by its name. Rejects when one needs what browsers do not have. */
export async function bundle(): Promise<ReadonlyMap<string, string>> {
  const entries = ["page-main", "worker-main"].map((name) =>
    fileURLToPath(new URL(`./client/${name}.${extension}`, import.meta.url)),
  );
  const { outputFiles } = await build({
    entryPoints: entries,
    outdir: "/",
    write: false,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: extension === "ts" ? ["@ipcz/source"] : [],
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]/, ""), text]));
}
