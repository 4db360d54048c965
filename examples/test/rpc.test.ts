/**
 * RPC libraries, unmodified, between three processes: what each example prints is what its README says it prints.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);

/** The lines after the command in the README's last block. */
function promisedOutput(example: string): string {
  const readme = readFileSync(new URL(`../src/${example}/README.md`, import.meta.url), "utf8");
  const block = /```\n\$ node examples\/dist\/[\w-]+\/main\.js\n([^]*?)```/.exec(readme);
  if (block?.[1] === undefined) throw new Error(`${example} promises no output`);
  return block[1];
}

describe("an RPC library between a server and a client that a third process has introduced", () => {
  it.each(["rpc-comlink", "rpc-capnweb", "rpc-jsonrpc"])(
    "answers all calls under load: %s",
    { timeout: 120_000 },
    async (example) => {
      const main = fileURLToPath(new URL(`../dist/${example}/main.js`, import.meta.url));
      const { stdout } = await run(process.execPath, [main]);
      expect(stdout).toBe(promisedOutput(example));
    },
  );
});
