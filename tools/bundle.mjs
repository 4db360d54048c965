// `node tools/bundle.mjs packages/core`, the second half of a build: writes the JavaScript of a package whose
// tsconfig.lib.json leaves it to this (emitDeclarationOnly), a file for each entry and one for what they share.
// Loading a module costs a millisecond, and core alone has 130: measured from the start of a process to its first node,
// bundling core, the POSIX driver and the contract takes away two thirds of the time that is ours.
// Packages with files that are loaded by their place, such as workers, cannot be bundled.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { rolldown } from "rolldown";

process.chdir(process.argv[2]);

const { compilerOptions } = readJson("tsconfig.lib.json");
if (compilerOptions.emitDeclarationOnly === true) await bundle();

async function bundle() {
  const { exports } = readJson("package.json");
  const targets = Object.values(exports).filter((target) => typeof target === "object");
  const input = Object.fromEntries(targets.map((target) => [entryName(target), sourceOf(target)]));
  for (const name of readdirSync("dist", { recursive: true }))
    if (/\.js(\.map)?$/.test(name)) rmSync(join("dist", name));
  const build = await rolldown({ input, platform: "node", external: isPackage });
  await build.write({ dir: "dist", format: "esm", sourcemap: true, chunkFileNames: "shared.js" });
  await build.close();
}

/** Neither a relative path nor an absolute one, also not one of Windows. */
function isPackage(specifier) {
  return !/^(?:[./]|[A-Za-z]:)/.test(specifier);
}

function sourceOf(target) {
  return target["@ipcz/source"];
}

/** "./dist/wire/index.js" is the entry wire/index. */
function entryName(target) {
  return target.default.replace(/^\.\/dist\//, "").replace(/\.js$/, "");
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
