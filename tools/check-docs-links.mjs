// Part of `npm run docs`: every link inside the generated site leads to a page that is there, and to an anchor on it.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const site = fileURLToPath(new URL("../docs/api/", import.meta.url));
if (!existsSync(site)) {
  console.error("there is no docs/api; run `npm run docs`, which makes it first");
  process.exit(1);
}
const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((each) =>
  each.endsWith(".html"),
);
const anchors = new Map();
const broken = [];
let count = 0;

for (const page of pages) {
  const path = join(site, page);
  for (const [, link] of readFileSync(path, "utf8").matchAll(/\b(?:href|src)="([^"]+)"/g)) {
    if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(link)) continue;
    count++;
    const [file, anchor] = link.replaceAll("&amp;", "&").split("#");
    const target = file === "" ? path : join(dirname(path), decodeURI(file));
    if (!existsSync(target)) broken.push(`${page}: ${link}: no such page`);
    else if (
      anchor &&
      statSync(target).isFile() &&
      !anchorsOf(target).has(decodeURIComponent(anchor))
    )
      broken.push(`${page}: ${link}: no such anchor on ${relative(site, target)}`);
  }
}
for (const each of broken) console.error(each);
console.log(`docs: ${pages.length} pages, ${count} links, ${broken.length} broken`);
if (broken.length > 0 || pages.length === 0) process.exitCode = 1;

function anchorsOf(path) {
  let found = anchors.get(path);
  if (!found) {
    found = new Set(
      Array.from(readFileSync(path, "utf8").matchAll(/\b(?:id|name)="([^"]+)"/g), ([, id]) => id),
    );
    anchors.set(path, found);
  }
  return found;
}
