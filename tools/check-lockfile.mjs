// package-lock.json must install the same on every platform and from every registry: all optional platform packages
// are in it, no entry names a host, every entry has its integrity. (npm leaves out platform packages that the registry
// does not have in that very version, without a word.)
import { readFileSync } from "node:fs";

const { packages } = JSON.parse(
  readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"),
);
const bad = [];
for (const [key, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {}))
    if (!packages[`node_modules/${name}`] && !packages[`${key}/node_modules/${name}`])
      bad.push(
        `${key} lacks ${name}: pin a version of ${key} whose packages exist for every platform`,
      );
  if (entry.resolved && /^https?:/.test(entry.resolved))
    bad.push(`${key} names a registry host: keep omit-lockfile-registry-resolved in .npmrc`);
  if (key.includes("node_modules/") && !entry.link && !entry.inBundle && !entry.integrity)
    bad.push(`${key} has no integrity`);
}
for (const each of bad) console.error(each);
console.log(`lockfile: ${Object.keys(packages).length} entries, ${bad.length} wrong`);
if (bad.length > 0) process.exitCode = 1;
