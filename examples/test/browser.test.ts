/**
 * The example `browser` in a real browser. Chromium is looked for in `CHROMIUM_PATH`, then under its usual names; to
 * install it: the package `chromium` of the system.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runsHere } from "../../tools/conformance/src/runs-here.ts";
import { bundle } from "../src/browser/bundle.ts";
import { serve, type Served } from "../src/browser/serve.ts";

const NAMES: readonly string[] = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
];

function findChromium(): string | null {
  const given = process.env["CHROMIUM_PATH"];
  if (given !== undefined) return given;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

const executablePath = findChromium();
const hasChromium = runsHere(
  executablePath !== null,
  "the page in a browser: no Chromium in CHROMIUM_PATH or PATH",
);

describe("the programs for a browser", () => {
  it("are bundled whole: nothing in them is Node's", async () => {
    const modules = await bundle();
    expect([...modules.keys()]).toEqual(["page-main.js", "worker-main.js"]);
    for (const text of modules.values()) {
      expect(text).not.toMatch(/\bfrom "|\bimport\(|\brequire\(/);
      expect(text).toContain("ActivateTransport");
    }
  });
});

describe.runIf(hasChromium)("a page and its workers, in Chromium", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(() => served.close());

  it("talk over a direct line in order, and notice the end of a worker", async () => {
    const browser = await chromium.launch({
      ...(executablePath !== null && { executablePath }),
      // The sandbox of Chromium does not start for root, as whom containers like to run.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      await page.goto(served.url);
      await page.waitForSelector("#story[data-ended]", { state: "attached", timeout: 60_000 });
      expect(errors).toEqual([]);
      expect(await page.locator("#story li").allTextContents()).toEqual([
        "hearer: my line to the speaker is direct",
        "hearer: 10000 parcels came in order",
        "page: the speaker is gone",
        "hearer: the speaker is gone",
        "page: 0 objects are left",
      ]);
    } finally {
      await browser.close();
    }
  }, 90_000);
});
