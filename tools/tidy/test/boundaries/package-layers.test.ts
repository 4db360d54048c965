import { describe, expect, it } from "vitest";
import { checkPackageLayers } from "../../src/boundaries/package-layers.ts";
import { repositoryOfTexts } from "../../src/repository.ts";

const manifest = (name: string, layer: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.0", nx: { tags: [`layer:${layer}`] }, ...more });

/** api, core and a driver, with `texts` on top. */
function findings(texts: Record<string, string>): string[] {
  const repository = repositoryOfTexts({
    "package.json": JSON.stringify({ devDependencies: { vitest: "1.0.0" } }),
    "packages/api/package.json": manifest("@ipcz/api", "api"),
    "packages/core/package.json": manifest("@ipcz/core", "core", {
      dependencies: { "@ipcz/api": "1.0.0" },
      devDependencies: { "@ipcz/driver-mem": "1.0.0" },
    }),
    "packages/driver-mem/package.json": manifest("@ipcz/driver-mem", "driver", {
      dependencies: { "@ipcz/api": "1.0.0", "@ipcz/core": "1.0.0" },
    }),
    "tools/bench/package.json": manifest("@ipcz/bench", "tool", {
      private: true,
      dependencies: { "@ipcz/core": "1.0.0", "@ipcz/driver-mem": "1.0.0" },
    }),
    ...texts,
  });
  return checkPackageLayers(repository).map(
    ({ path, line, message }) => `${path}:${line} ${message}`,
  );
}

describe("layers", () => {
  it.each([
    ["statically", `import { x } from "@ipcz/driver-mem";`],
    ["for a type only", `import type { X } from "@ipcz/driver-mem";`],
    ["dynamically", `const x = await import("@ipcz/driver-mem");`],
    ["in a re-export", `export { x } from "@ipcz/driver-mem";`],
    ["in an import type", `export type X = import("@ipcz/driver-mem").X;`],
  ])("catches core importing a driver %s", (_how, text) => {
    expect(findings({ "packages/core/src/a.ts": `\n${text}` })).toEqual([
      expect.stringMatching(
        /^packages\/core\/src\/a\.ts:2 @ipcz\/core \(core\) must not see @ipcz\/driver-mem \(driver\)/,
      ),
    ]);
  });

  it("catches a driver importing core although it declares it", () => {
    expect(findings({ "packages/driver-mem/src/a.ts": `import "@ipcz/core";` })).toEqual([
      expect.stringContaining("must not see @ipcz/core"),
    ]);
  });

  it("lets drivers see a codec, and a codec nothing", () => {
    const manifests = {
      "packages/codec/package.json": manifest("@ipcz/codec", "codec", {
        dependencies: { "@ipcz/api": "1.0.0" },
      }),
      "packages/driver-mem/package.json": manifest("@ipcz/driver-mem", "driver", {
        dependencies: { "@ipcz/codec": "1.0.0" },
      }),
    };
    expect(
      findings({
        ...manifests,
        "packages/driver-mem/src/a.ts": `import "@ipcz/codec";`,
        "packages/codec/src/a.ts": `import "@ipcz/api";`,
      }),
    ).toEqual([expect.stringContaining("@ipcz/codec (codec) must not see @ipcz/api (api)")]);
  });

  it("lets tools see everything, and tests whatever they declare", () => {
    expect(
      findings({
        "packages/core/test/a.test.ts": `import "@ipcz/driver-mem"; import "vitest"; import "@ipcz/core";`,
        "tools/bench/src/main.ts": `import "@ipcz/core"; import "@ipcz/driver-mem";`,
      }),
    ).toEqual([]);
  });

  it("names a package whose layer is missing or unknown", () => {
    expect(findings({ "packages/odd/package.json": manifest("odd", "moon") })).toEqual([
      expect.stringContaining(`"layer:moon" is missing or unknown`),
    ]);
  });
});

describe("declarations", () => {
  it("catches a package that published sources import without a dependency", () => {
    expect(findings({ "packages/api/src/a.ts": `import "koffi/x";` })).toEqual([
      expect.stringContaining("imports koffi, which is not in the dependencies"),
    ]);
  });

  it("does not count a devDependency for published sources", () => {
    expect(
      findings({
        "packages/core/package.json": manifest("@ipcz/core", "core", {
          devDependencies: { "@ipcz/api": "1.0.0" },
        }),
        "packages/core/src/a.ts": `import "@ipcz/api";`,
      }),
    ).toEqual([expect.stringContaining("not in the dependencies")]);
  });

  it("catches a test that imports what nobody declares", () => {
    expect(findings({ "packages/api/test/a.test.ts": `import "@ipcz/core";` })).toEqual([
      expect.stringContaining("without declaring it"),
    ]);
  });

  it("catches a relative import of another package, but not of the shared test setup", () => {
    expect(
      findings({
        "packages/api/src/a.ts": `import "../../core/src/b.ts";`,
        "packages/api/vitest.config.ts": `import "../../vitest.shared.ts";`,
      }),
    ).toEqual([expect.stringContaining("import the other package by its name")]);
  });

  it("lets tests, and nobody else, import the conformance suites undeclared", () => {
    const text = `import "../../../tools/conformance/src/driver/index.ts";`;
    expect(
      findings({
        "packages/api/test/a.test.ts": text,
        "packages/api/test/b.test.ts": `import "@ipcz/conformance/driver";`,
        "packages/api/src/a.ts": text,
      }),
    ).toEqual([expect.stringContaining("packages/api/src/a.ts:1 imports")]);
  });

  it("catches a range that does not fit the workspace's version", () => {
    expect(
      findings({
        "tools/old/package.json": manifest("old", "tool", {
          dependencies: { "@ipcz/api": "0.9.0" },
        }),
      }),
    ).toEqual([expect.stringContaining("asks for @ipcz/api 0.9.0, but the workspace is at 1.0.0")]);
  });
});
