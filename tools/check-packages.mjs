// `npm run pack:check`: packs what is staged and looks at the tarballs as a user's tools would: publint, the types for
// every resolution mode an ES module package promises, and an import of every subpath from a folder that has
// nothing but the tarballs and their outside dependencies. Run after tools/stage.mjs.
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const bin = (name) => join(root, "node_modules/.bin", name);
const scratch = mkdtempSync(join(tmpdir(), "pack-"));
const failures = [];

try {
  const packed = readdirSync(join(root, "packages")).flatMap(pack);
  for (const { name, tarball } of packed) {
    attempt(`${name}: publint`, bin("publint"), ["run", tarball, "--strict"]);
    attempt(`${name}: types`, bin("attw"), [tarball, "--profile", "esm-only", "--format", "ascii"]);
  }
  for (const { name, manifest } of packed) tryImports(name, manifest);
} finally {
  rmSync(scratch, { recursive: true });
}
for (const failure of failures) console.error(failure);
console.log(failures.length === 0 ? "packages are fit to publish" : `${failures.length} wrong`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Packs one staged package and unpacks it where `tryImports` looks; nothing for a private one. */
function pack(dir) {
  const staged = join(root, "packages", dir, ".publish");
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(join(staged, "package.json"), "utf8"));
  } catch {
    return [];
  }
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", staged, "--json", "--pack-destination", scratch], {
      encoding: "utf8",
    }),
  );
  const tarball = join(scratch, filename);
  const home = join(scratch, "node_modules", manifest.name);
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", home, "--strip-components=1"]);
  for (const name of Object.keys(manifest.dependencies ?? {}))
    if (!isOurs(name))
      symlinkSync(join(root, "node_modules", name), join(scratch, "node_modules", name));
  return [{ name: manifest.name, manifest, tarball }];
}

function tryImports(name, manifest) {
  if (manifest.os && !manifest.os.includes(process.platform)) return;
  for (const subpath of Object.keys(manifest.exports)) {
    if (subpath.endsWith(".json")) continue;
    const specifier = name + subpath.slice(1);
    const file = join(scratch, "import.mjs");
    writeFileSync(file, `await import(${JSON.stringify(specifier)});\n`);
    attempt(`${specifier}: import`, process.execPath, [file]);
  }
}

function attempt(what, command, args) {
  try {
    execFileSync(command, args, {
      cwd: scratch,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    console.log(`${what} ok`);
  } catch (error) {
    failures.push(`${what} failed\n${error.stdout ?? ""}${error.stderr ?? error.message}`);
  }
}

/** Our own packages are tried as they were packed. */
function isOurs(name) {
  return name === "ipcz" || name.startsWith("@ipcz/");
}
