import { expect, it } from "vitest";
import { importsOf, packageOf, startedBy } from "../src/imports.ts";

it("finds static, type-only, dynamic and re-exporting imports, and import types", () => {
  const text = [
    `import a from "./a.ts";`,
    `import type { B } from "./b.ts";`,
    `export * from "./c.ts";`,
    `export type { D } from "./d.ts";`,
    `const e = await import("./e.ts");`,
    `type F = import("./f.ts").F;`,
    `import "./g.ts";`,
  ].join("\n");
  expect(importsOf(text)).toEqual(
    ["a", "b", "c", "d", "e", "f", "g"].map((name, index) => ({
      specifier: `./${name}.ts`,
      line: index + 1,
    })),
  );
});

it("takes neither comments nor strings for imports", () => {
  expect(
    importsOf(`// import "./a.ts"\nconst b = 'import "./b.ts"';\n/* import("./c.ts") */`),
  ).toEqual([]);
});

it("finds files that are started by their built name", () => {
  expect(startedBy(`new URL("./worker.js", import.meta.url); start('child.js');`)).toEqual([
    "./worker.js",
    "./child.js",
  ]);
});

it("tells the package of a specifier", () => {
  expect(["@ipcz/abi/ffi", "koffi", "koffi/x"].map(packageOf)).toEqual([
    "@ipcz/abi",
    "koffi",
    "koffi",
  ]);
});
