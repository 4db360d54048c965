/**
 * `npm run tidy`: what a linter cannot say about this repository. Each check prints its findings with what to do;
 * any that is not a warning makes the process exit with 1.
 */
import { dirname, resolve } from "node:path";
import { generateDocs } from "@ipcz/docs";
import { checkList } from "./covered/list.ts";
import { checkDeadFiles } from "./dead-files.ts";
import { checkDocsInStep } from "./docs-in-step.ts";
import { checkDocumentedEntries } from "./documented-entries.ts";
import type { Finding } from "./finding.ts";
import { checkInvariantsTraced } from "./invariants-traced.ts";
import { checkLeaks } from "./leaks.ts";
import { checkLinks } from "./links.ts";
import { report, rootFolder } from "./report.ts";
import { openRepository } from "./repository.ts";
import { checkTodo } from "./todo.ts";

/** Set to false once every invariant is traced; from then on a missing one fails the run. */
const invariantsOnlyWarn = true;

const root = rootFolder();
const repository = openRepository(root);
const outside = dirname(resolve(root));

report("dead files", checkDeadFiles(repository));
report("notes", checkTodo(repository));
report("leaks", checkLeaks(repository, outside === dirname(outside) ? "" : outside));
report("links", checkLinks(repository));
report("invariants", asWarnings(checkInvariantsTraced(repository), invariantsOnlyWarn));
report("coverage list", checkList(repository));
report("documented entries", checkDocumentedEntries(repository));
report("documents", checkDocsInStep(repository, await generateDocs(root)));

function asWarnings(findings: readonly Finding[], warning: boolean): Finding[] {
  return findings.map((finding) => ({ ...finding, warning }));
}
