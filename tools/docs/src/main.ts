/** `npm run docs:tables`: writes the generated documents. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateDocs } from "./generate-docs.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
for (const [path, text] of await generateDocs(root)) {
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
