/**
 * RPC libraries, unmodified, between three processes: what each example prints is what its README says it prints.
 */
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { promisedOutput } from "./support/promised-output.ts";

const run = promisify(execFile);

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
