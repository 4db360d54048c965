/**
 * What is run in Node.js for Windows.
 */

/** Tests of a workspace, by vitest. */
export interface TestSuite {
  readonly name: string;
  readonly kind: "tests";
  /** The workspace. */
  readonly folder: string;
  /** Arguments of vitest, such as files. Default: all tests. */
  readonly args?: readonly string[];
}

/** A built program. */
export interface ProgramSuite {
  readonly name: string;
  readonly kind: "program";
  readonly script: string;
  readonly args?: readonly string[];
  /** How its last line begins when all went well, for a program that counts nothing. */
  readonly ends?: string;
}

export type Suite = TestSuite | ProgramSuite;

export const suites: readonly Suite[] = [
  { name: "core", kind: "tests", folder: "packages/core" },
  { name: "driver-mem", kind: "tests", folder: "packages/driver-mem" },
  { name: "mojo-codec", kind: "tests", folder: "packages/mojo-codec" },
  {
    name: "suites",
    kind: "tests",
    folder: "tools/conformance",
    args: ["--exclude=test/scenarios"],
  },
  {
    name: "conformance",
    kind: "program",
    script: "tools/conformance/dist/main.js",
    args: ["--scale", "0.1"],
  },
];
