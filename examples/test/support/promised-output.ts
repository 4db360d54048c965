/**
 * What the README of an example says that it prints: the lines after the command, in a block that begins with one.
 */
import { readFileSync } from "node:fs";

/** Null when it promises nothing. */
export function promisedOutput(example: string): string | null {
  const readme = readFileSync(new URL(`../../src/${example}/README.md`, import.meta.url), "utf8");
  const block = /```\n\$ node examples\/dist\/([\w-]+)\/main\.js\n([^]*?)```/.exec(readme);
  if (block?.[1] === undefined) return null;
  if (block[1] !== example) throw new Error(`the README of ${example} runs ${block[1]}`);
  return block[2] ?? "";
}
