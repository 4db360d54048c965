/**
 * Every module a source file names: static, type-only and dynamic imports, re-exports and import types. Found by
 * TypeScript's own scanner, so comments and strings that merely look like imports do not count.
 */
import { posix } from "node:path";
import ts from "typescript";
import { lineAt, type Repository } from "./repository.ts";

export interface ImportSite {
  specifier: string;
  /** From 1. */
  line: number;
}

export function importsOf(text: string): ImportSite[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ specifier: fileName, line: lineAt(text, pos) }));
}

/** Files a source starts rather than imports: names of built files beside it, as "./worker.js" or "worker.js". */
export function startedBy(text: string): string[] {
  return Array.from(
    text.matchAll(/["'`](?:\.\/)?([\w./-]+\.m?js)["'`]/g),
    (match) => `./${match[1] ?? ""}`,
  );
}

/** Whether a path is source code that imports. */
export function isSource(path: string): boolean {
  return /\.(ts|mts|mjs|js)$/.test(path) && !path.endsWith(".d.ts");
}

/** The file that a relative specifier means, or null; "./x.js" may mean x.ts, as it does once built. */
export function resolveRelative(
  repository: Repository,
  from: string,
  specifier: string,
): string | null {
  const path = posix.join(posix.dirname(from), specifier);
  if (repository.has(path)) return path;
  const source = path.replace(/\.js$/, ".ts");
  return repository.has(source) ? source : null;
}

/** "@ipcz/abi" for "@ipcz/abi/ffi", "koffi" for "koffi/x". */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}
