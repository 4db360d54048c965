/**
 * Programs that tests start again and again, each in one file: under Wine a module takes several milliseconds to find,
 * and these have more than a hundred.
 */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** They are looked for by their places, so the one file goes to the same place. */
const PROGRAMS = [
  "tools/conformance/dist/scenario/node-process-main.js",
  "tools/hostile/dist/kill-peer.js",
];

/** Has a native part, which it looks for beside itself. */
const LEFT_OUT = ["koffi"];

/** Puts the modules of each of those programs in the built tree at `root` into the program's own file. */
export async function joinModules(root: string): Promise<void> {
  for (const program of PROGRAMS) {
    const input = join(root, program);
    const file = `${input}.joined`;
    const build = await rolldown({ input, platform: "node", external: LEFT_OUT });
    await build.write({ file, format: "esm", codeSplitting: false });
    await build.close();
    renameSync(file, input);
  }
}
