/**
 * The list in docs/coverage.md: places that no test reaches, each with a reason.
 *
 *     - `core/routing/act.ts`: `if (never) return;` Why nothing can get there.
 */
import type { Finding } from "../finding.ts";
import { lineAt, type Repository } from "../repository.ts";

export const listPath = "docs/coverage.md";
/** Packages whose uncovered places are all listed. */
export const coveredPackages: readonly string[] = ["core", "driver-base"];

/** Where the sources of a package are. */
export function sourcesOf(name: string): string {
  return `packages/${name}/src/`;
}

/** A place is known by the text of its line, so that it is found again when the file changes elsewhere. */
export interface ListedPlace {
  readonly path: string;
  readonly code: string;
  /** In the list. */
  readonly line: number;
}

const row = /^- `([\w-]+)\/([^`]+)`: `([^`]+)`[ \n]+\S/gm;

export function listedPlaces(repository: Repository): ListedPlace[] {
  const text = repository.has(listPath) ? repository.read(listPath) : "";
  return Array.from(text.matchAll(row), ({ index, 1: name = "", 2: path = "", 3: code = "" }) => ({
    path: sourcesOf(name) + path,
    code,
    line: lineAt(text, index),
  }));
}

/** Every place of the list exists; whether it is covered, only a report can tell. */
export function checkList(repository: Repository): Finding[] {
  return listedPlaces(repository)
    .filter(({ path, code }) => !(repository.has(path) && linesOf(repository, path).includes(code)))
    .map(({ path, code, line }) => ({
      path: listPath,
      line,
      message: `${path} has no line "${code}" any more; remove it from the list, or correct it`,
    }));
}

/** Trimmed. */
export function linesOf(repository: Repository, path: string): string[] {
  return repository
    .read(path)
    .split("\n")
    .map((line) => line.trim());
}
