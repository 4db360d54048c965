/** Which documents are generated, from what, and where they go. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ipczHeader } from "@ipcz/abi/c";
import {
  FIELD_BYTES,
  MESSAGES,
  MessageHeaderFields,
  RouterDescriptorFields,
} from "@ipcz/core/wire";
import { format } from "prettier";
import { constComments, entryComments } from "./comments.ts";
import { limitsDocument } from "./limits-table.ts";
import { wireDocument } from "./wire-table.ts";

/** Path from the root to the text that belongs there, formatted as `npm run format` would. */
export async function generateDocs(root: string): Promise<ReadonlyMap<string, string>> {
  const core = join(root, "packages/core/src");
  return new Map([
    ["docs/limits.md", await formatted(await limits(core))],
    ["docs/wire.md", await formatted(wire(core))],
    ["packages/abi/include/ipcz.h", ipczHeader()],
  ]);
}

async function limits(core: string): Promise<string> {
  // The bounds are no part of what core exports, so the module is loaded by its path.
  const path = join(core, "base/limits.ts");
  const { Limits } = (await import(pathToFileURL(path).href)) as {
    Limits: Record<string, number>;
  };
  const comments = entryComments(readFileSync(path, "utf8"), "Limits");
  return limitsDocument(
    Array.from(comments, ([name, reason]) => ({ name, reason, value: Limits[name] ?? Number.NaN })),
  );
}

function wire(core: string): string {
  const folder = join(core, "wire/messages");
  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return wireDocument({
    messages: MESSAGES,
    header: MessageHeaderFields,
    routerDescriptor: RouterDescriptorFields,
    fieldBytes: FIELD_BYTES,
    comments: new Map(sources.flatMap((source) => Array.from(constComments(source)))),
  });
}

async function formatted(markdown: string): Promise<string> {
  return format(markdown, { parser: "markdown", printWidth: 100, proseWrap: "always" });
}
