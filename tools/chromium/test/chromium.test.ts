/**
 * The command itself: what it says without a browser, and, where there is one, a rung of each kind and the example.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runsHere } from "../../conformance/src/runs-here.ts";
import { findBrowser } from "../src/find-browser.ts";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const example = fileURLToPath(
  new URL("../../../examples/dist/chromium-service/main.js", import.meta.url),
);
const browser = process.platform === "linux" ? findBrowser(process.env["CHROMIUM"]) : null;
const hasBrowser = runsHere(
  browser !== null,
  "tests with a real Chromium; none is installed, and CHROMIUM names none",
);
const limitMs = 120_000;

function run(
  path: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [path, ...args]);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code, output }));
  });
}

describe("npm run interop:chromium", () => {
  it("skips everything where there is no browser, and is content", async () => {
    const { code, output } = await run(program, ["--chromium", "/no/such/browser"]);
    expect(output).toContain("no Chromium and no Chrome /no/such/browser: 10 rungs skipped");
    expect(code).toBe(0);
  });

  it("does not take a script for a browser", () => {
    expect(findBrowser(fileURLToPath(import.meta.url))).toBeNull();
  });

  it("lists its rungs", async () => {
    const { output } = await run(program, ["--list"]);
    const names = output.split("\n").map((line) => line.slice(0, 2));
    expect(names).toEqual(["A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", ""]);
  });

  it.runIf(hasBrowser)(
    "holds with the browser that is here (A1, A3, A4, A5, A7, B1)",
    async () => {
      const args = ["--chromium", browser?.program ?? "", "--rung", "A1,A3,A4,A5,A7,B1"];
      const { code, output } = await run(program, args);
      expect(output).not.toContain("FAIL");
      expect(output.match(/^ok/gm)).toHaveLength(6);
      expect(code).toBe(0);
    },
    limitMs,
  );
});

describe("the example", () => {
  it.runIf(hasBrowser)(
    "is the broker of a service process of Chromium",
    async () => {
      const { code, output } = await run(example, [browser?.program ?? ""]);
      expect(output).toContain("and nothing is lost");
      expect(output).toContain("the child ended with 0");
      expect(code).toBe(0);
    },
    limitMs,
  );
});
