/**
 * docs/benchmarks.md and its pictures: what is above the marker is written by people, the rest by a run.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toMarkdown } from "./markdown.ts";
import { toPicture } from "./picture.ts";
import type { Report } from "./report.ts";

const NAME = "benchmarks";
const MARKER = "<!-- results: everything below is written by npm run bench -- --write -->";

/** `folder` holds the document. Throws when it has no marker. */
export function writeDocument(folder: string, report: Report): void {
  const path = join(folder, `${NAME}.md`);
  const [head, rest] = readFileSync(path, "utf8").split(MARKER);
  if (head === undefined || rest === undefined)
    throw new Error(`${NAME}.md lacks the line ${MARKER}`);
  const pictures = join(folder, NAME);
  mkdirSync(pictures, { recursive: true });
  for (const old of readdirSync(pictures)) if (old.endsWith(".svg")) rmSync(join(pictures, old));
  for (const each of report.tables)
    writeFileSync(join(pictures, `${each.table.id}.svg`), toPicture(each));
  writeFileSync(path, `${head}${MARKER}\n\n${toMarkdown(report, (id) => `${NAME}/${id}.svg`)}`);
}
