/**
 * Links in Markdown: every relative one names a file or folder that is there, and every #fragment a heading.
 */
import { posix } from "node:path";
import type { Finding } from "./finding.ts";
import { lineAt, type Repository } from "./repository.ts";

const link = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)/gm;

export function checkLinks(repository: Repository): Finding[] {
  const folders = foldersOf(repository.paths);
  const findings: Finding[] = [];
  for (const path of repository.paths.filter((each) => each.endsWith(".md"))) {
    const text = withoutCode(repository.read(path));
    for (const match of text.matchAll(link)) {
      const target = match[1] ?? match[2] ?? "";
      const message = problemOf(repository, folders, path, target);
      if (message !== null) findings.push({ path, line: lineAt(text, match.index), message });
    }
  }
  return findings;
}

function problemOf(
  repository: Repository,
  folders: ReadonlySet<string>,
  path: string,
  target: string,
): string | null {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return null;
  const [file = "", fragment] = target.split("#");
  const aim =
    file === "" ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, "");
  if (!repository.has(aim) && !folders.has(aim))
    return `links to ${target}, but there is no ${aim}`;
  if (fragment === undefined || !aim.endsWith(".md")) return null;
  return anchorsOf(repository.read(aim)).has(fragment)
    ? null
    : `links to ${target}, but ${aim} has no heading #${fragment}`;
}

/** The fragments that a Markdown file's headings give, as hosts of repositories make them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(markdown, "fences").matchAll(
    /^#{1,6}\s+(.+?)\s*#*$/gm,
  )) {
    const plain = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = plain;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${plain}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Blanks code out, keeping every line where it is. */
function withoutCode(markdown: string, what: "all" | "fences" = "all"): string {
  const text = markdown.replaceAll(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, blank);
  return what === "fences" ? text : text.replaceAll(/`[^`\n]+`/g, blank);
}

function foldersOf(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>(["."]);
  for (const path of paths)
    for (let at = path.lastIndexOf("/"); at !== -1; at = path.lastIndexOf("/", at - 1))
      folders.add(path.slice(0, at));
  return folders;
}

function blank(code: string): string {
  return code.replaceAll(/[^\n]/g, " ");
}
