// Writes packages/*/.publish: what is published. The manifest there has `os` and `cpu`, which npm would refuse inside
// a workspace on other systems, and lacks what only the repository needs (scripts, nx, the source condition).
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const onlyHere = new Set(["scripts", "nx", "devDependencies"]);

for (const dir of readdirSync(join(root, "packages"))) {
  const from = join(root, "packages", dir);
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  if (manifest.private) continue;
  const to = join(from, ".publish");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  const listed = manifest.files.filter((each) => !each.startsWith("!"));
  for (const name of new Set([...listed, "README.md", "CHANGELOG.md"]))
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
  cpSync(join(root, "LICENSE"), join(to, "LICENSE"));
  writeFileSync(join(to, "package.json"), `${JSON.stringify(published(manifest), null, 2)}\n`);
  console.log(`staged ${manifest.name} ${manifest.version}`);
}

/** The manifest as its users get it. */
function published(manifest) {
  const { directory: _staged, os, cpu, ...publishConfig } = manifest.publishConfig ?? {};
  const kept = Object.entries(manifest).filter(([key]) => !onlyHere.has(key));
  return {
    ...Object.fromEntries(kept),
    exports: withoutSource(manifest.exports),
    ...(os && { os }),
    ...(cpu && { cpu }),
    publishConfig,
  };
}

function withoutSource(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, target]) => {
      if (typeof target !== "object") return [subpath, target];
      const { "@ipcz/source": _source, ...rest } = target;
      return [subpath, rest];
    }),
  );
}
