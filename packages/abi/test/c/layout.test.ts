/**
 * Sizes, offsets and constants against a C compiler: the numbers of one in `layout.json`, and, where there is one, what
 * the compiler of this machine says about the header that is shipped.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  IPCZ_API_FUNCTIONS,
  IPCZ_API_SIZE,
  IPCZ_DRIVER_FUNCTIONS,
  IPCZ_DRIVER_SIZE,
} from "@ipcz/api";
import { expect, describe, test } from "vitest";
import { runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { constantGroups, STATED_SIZES } from "../../src/c/constants.ts";
import { API_SIGNATURES, DRIVER_SIGNATURES } from "../../src/c/functions.ts";
import { ipczHeader } from "../../src/c/ipcz-h.ts";
import { functionOffset, layoutOf, sizeOfScalar } from "../../src/c/layout.ts";
import { STRUCTS, type ScalarType, type StructName } from "../../src/c/structs.ts";
import {
  cCompiler,
  compile,
  cxxCompiler,
  describeWithCompiler,
  includeFolder,
} from "../support/compiler.ts";

type Numbers = Readonly<Record<string, number>>;

const scalars = [
  "size_t",
  "uint32_t",
  "uintptr_t",
  "IpczHandle",
  "IpczDriverHandle",
  "IpczBoxType",
];
const tables = { IpczAPI: IPCZ_API_FUNCTIONS, IpczDriver: IPCZ_DRIVER_FUNCTIONS } as const;
type TableName = keyof typeof tables;
const structNames = Object.keys(STRUCTS) as StructName[];
const constants = constantGroups().flatMap(({ constants: group }) => group);

/** What our declarations say: `sizeof(X)`, `X.field` and the value of each constant. */
function ourNumbers(): Numbers {
  const numbers: Record<string, number> = {};
  for (const type of scalars) numbers[`sizeof(${type})`] = sizeOfScalar(type as ScalarType);
  for (const name of structNames) {
    const layout = layoutOf(name);
    numbers[`sizeof(${name})`] = layout.size;
    for (const [field, offset] of Object.entries(layout.at)) numbers[`${name}.${field}`] = offset;
  }
  for (const [name, functions] of Object.entries(tables)) {
    numbers[`sizeof(${name})`] = functionOffset(functions.length);
    numbers[`${name}.size`] = 0;
    for (const [index, each] of functions.entries()) {
      numbers[`${name}.${each}`] = functionOffset(index);
    }
  }
  for (const [name, value] of constants) numbers[name] = value;
  return numbers;
}

/** A C program that prints the same names, each with what the compiler says. */
function program(): string {
  const offsets = [
    ...structNames.flatMap((name) =>
      Object.keys(layoutOf(name).at).map((field) => [name, field] as const),
    ),
    ...(Object.keys(tables) as TableName[]).flatMap((name) =>
      ["size", ...tables[name]].map((field) => [name, field] as const),
    ),
  ];
  const say = (label: string, value: string): string =>
    `  printf("%s %llu\\n", "${label}", (unsigned long long)(${value}));`;
  return [
    "#include <ipcz.h>",
    "#include <stdio.h>",
    "int main(void) {",
    ...[...scalars, ...structNames, ...Object.keys(tables)].map((type) =>
      say(`sizeof(${type})`, `sizeof(${type})`),
    ),
    ...offsets.map(([name, field]) => say(`${name}.${field}`, `offsetof(${name}, ${field})`)),
    ...constants.map(([name]) => say(name, name)),
    "  return 0;",
    "}",
  ].join("\n");
}

function measured(output: string): Numbers {
  const lines = output.trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", value] = line.split(" ");
      return [name, Number(value)];
    }),
  );
}

describe("layout", () => {
  test("sizes, offsets and constants are the numbers of a C compiler", () => {
    const file = new URL("../fixtures/layout.json", import.meta.url);
    expect(ourNumbers()).toEqual(JSON.parse(readFileSync(file, "utf8")));
  });

  test("the sizes that the contract states are those of the structs", () => {
    const ours = ourNumbers();
    for (const [name, size] of Object.entries(STATED_SIZES)) {
      expect([name, ours[`sizeof(${name})`]]).toEqual([name, size]);
    }
    expect([IPCZ_API_SIZE, IPCZ_DRIVER_SIZE]).toEqual([136, 112]);
  });

  test("the functions of both tables are declared in the order of the contract", () => {
    expect(Object.keys(API_SIGNATURES)).toEqual(IPCZ_API_FUNCTIONS);
    expect(Object.keys(DRIVER_SIGNATURES)).toEqual(IPCZ_DRIVER_FUNCTIONS);
  });

  test("the shipped header is what the declarations say", () => {
    expect(readFileSync(join(includeFolder, "ipcz.h"), "utf8")).toBe(ipczHeader());
  });
});

describeWithCompiler("the header and this machine's compiler", () => {
  test("agree on every size, offset and constant", () => {
    const folder = mkdtempSync(join(tmpdir(), "layout-"));
    try {
      const binary = join(folder, "layout");
      compile(cCompiler, ["-xc", "-std=c99", "-I", includeFolder, "-", "-o", binary], program());
      expect(measured(execFileSync(binary, { encoding: "utf8" }))).toEqual(ourNumbers());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const strict = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I", includeFolder];
  const source = "#include <ipcz.h>\n#include <ipcz.h>\nIpczAPI table;\n";

  test("is C99 without a warning", () => {
    compile(cCompiler, ["-xc", "-std=c99", ...strict, "-"], source);
  });

  test.runIf(runsHere(cxxCompiler !== null, "the header as C++; no C++ compiler was found"))(
    "is C++11 without a warning",
    () => {
      compile(cxxCompiler, ["-xc++", "-std=c++11", ...strict, "-"], source);
    },
  );

  test("is refused when a declaration is wrong, so that the tests above mean something", () => {
    const wrong = `${source}int Close(void) { return table.Close(1); }\n`;
    expect(() => compile(cCompiler, ["-xc", "-std=c99", ...strict, "-"], wrong)).toThrow(/few/);
  });
});
