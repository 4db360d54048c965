import { defineConfig } from "vitest/config";

// Counting makes code slower: the longest tests hold their event loop for longer than the watchdog waits.
if (process.argv.includes("--coverage")) process.env["WATCHDOG_MS"] ??= "300000";

/** All tests of the repository in one run; `npm run coverage` makes one report of them. */
export default defineConfig({
  test: {
    projects: [
      "packages/*/vitest.config.ts",
      "tools/*/vitest.config.ts",
      "example*/vitest.config.ts",
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text", "json"],
      reportsDirectory: "coverage",
      reportOnFailure: true,
    },
  },
});
