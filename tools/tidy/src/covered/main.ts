/** The end of `npm run coverage`: reads the report that vitest has just written. Exits with 1 on any finding. */
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { report, rootFolder } from "../report.ts";
import { openRepository } from "../repository.ts";
import { checkCoverage, percentOf } from "./check-coverage.ts";
import { branchShare, type CoverageReport, lineShare } from "./report.ts";

const root = rootFolder();
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- vitest's reporter "json" writes this
const written = JSON.parse(
  readFileSync(join(root, "coverage/coverage-final.json"), "utf8"),
) as CoverageReport;
const byPath = new Map(
  Object.entries(written).map(([path, file]) => [relative(root, path).split(sep).join("/"), file]),
);

for (const name of new Set([...byPath.keys()].map((path) => path.split("/")[1] ?? ""))) {
  const files = [...byPath]
    .filter(([path]) => path.startsWith(`packages/${name}/`))
    .map(([, file]) => file);
  const [lines, branches] = [lineShare(files), branchShare(files)].map((share) =>
    percentOf(share).toFixed(1),
  );
  console.log(`${name}: ${lines} % of lines, ${branches} % of branches`);
}
report("coverage", checkCoverage(openRepository(root), byPath));
