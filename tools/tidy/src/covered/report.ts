/**
 * A coverage report, as vitest's reporter "json" writes it: what was counted, and what of it never ran.
 */
interface Position {
  /** From 1. Missing in the range of an else that is not written. */
  readonly line?: number;
  readonly column?: number;
}

interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** One source file; the maps and the counts have the same keys. */
export interface FileCoverage {
  readonly statementMap: Readonly<Record<string, Range>>;
  readonly s: Readonly<Record<string, number>>;
  readonly branchMap: Readonly<
    Record<string, { readonly loc: Range; readonly locations: readonly Range[] }>
  >;
  readonly b: Readonly<Record<string, readonly number[]>>;
  readonly fnMap: Readonly<Record<string, { readonly loc: Range }>>;
  readonly f: Readonly<Record<string, number>>;
}

/** By absolute path. */
export type CoverageReport = Readonly<Record<string, FileCoverage>>;

/** How many there are, and how many of them ran. */
export interface Share {
  readonly total: number;
  readonly covered: number;
}

/** Lines are those on which a statement begins. */
export function lineShare(files: readonly FileCoverage[]): Share {
  let [total, covered] = [0, 0];
  for (const { statementMap, s } of files) {
    const runs = new Map<number, number>();
    for (const [key, { start }] of Object.entries(statementMap))
      runs.set(start.line ?? 0, Math.max(runs.get(start.line ?? 0) ?? 0, s[key] ?? 0));
    total += runs.size;
    for (const count of runs.values()) if (count > 0) covered++;
  }
  return { total, covered };
}

export function branchShare(files: readonly FileCoverage[]): Share {
  const counts = files.flatMap(({ b }) => Object.values(b).flat());
  return { total: counts.length, covered: counts.filter((count) => count > 0).length };
}

/** Lines, from 1, on which something begins that never ran; what lies inside of it is not named again. */
export function uncoveredLines(file: FileCoverage): number[] {
  const ranges = uncoveredRanges(file).toSorted((one, other) => one.first - other.first);
  const lines: number[] = [];
  let end = 0;
  for (const { first, last } of ranges) {
    if (first > end) lines.push(first);
    end = Math.max(end, last, first);
  }
  return lines;
}

function uncoveredRanges(file: FileCoverage): { readonly first: number; readonly last: number }[] {
  const { statementMap, s, branchMap, b, fnMap, f } = file;
  const ranges: Range[] = [];
  for (const [key, range] of Object.entries(statementMap)) if (s[key] === 0) ranges.push(range);
  for (const [key, { loc }] of Object.entries(fnMap)) if (f[key] === 0) ranges.push(loc);
  for (const [key, { loc, locations }] of Object.entries(branchMap))
    for (const [index, range] of locations.entries())
      if (b[key]?.[index] === 0)
        ranges.push(range.start.line === undefined ? { start: loc.start, end: loc.start } : range);
  return ranges.map(({ start, end }) => ({ first: start.line ?? 0, last: end.line ?? 0 }));
}
