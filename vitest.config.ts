import { defineConfig } from "vitest/config";

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
