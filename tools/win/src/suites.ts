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
  /** Only runs when it is asked for by name. */
  readonly isExtra?: boolean;
}

export type Suite = TestSuite | ProgramSuite;

/** A story takes ten times as long under Wine; so its large rounds are a tenth. */
const STORIES = ["--scale", "0.1", "--watchdog", "180"];
const PROCESSES = "WinMultiprocess";

/** The long ones first, so that those that run at once end together. */
export const suites: readonly Suite[] = [
  {
    name: "conformance",
    kind: "program",
    script: "tools/conformance/dist/main.js",
    args: [...STORIES, "--without", PROCESSES],
  },
  {
    name: "processes",
    kind: "program",
    script: "tools/conformance/dist/main.js",
    args: [...STORIES, "--suite", "scenario", "--driver", PROCESSES],
  },
  { name: "core", kind: "tests", folder: "packages/core" },
  { name: "ipcz", kind: "tests", folder: "packages/ipcz" },
  { name: "driver-mem", kind: "tests", folder: "packages/driver-mem" },
  { name: "abi", kind: "tests", folder: "packages/abi" },
  { name: "hostile", kind: "tests", folder: "tools/hostile" },
  { name: "driver-win", kind: "tests", folder: "packages/driver-win" },
  {
    name: "suites",
    kind: "tests",
    folder: "tools/conformance",
    args: ["--exclude=test/scenarios"],
  },
  { name: "network", kind: "tests", folder: "tools/win", args: ["test/on-windows.test.ts"] },
  { name: "examples", kind: "tests", folder: "examples" },
  { name: "mojo-codec", kind: "tests", folder: "packages/mojo-codec" },
  { name: "driver-base", kind: "tests", folder: "packages/driver-base" },
  {
    name: "demo",
    kind: "program",
    script: "examples/dist/three-processes/main.js",
    ends: "demo: ok",
  },
  {
    name: "bench",
    kind: "program",
    script: "tools/win/src/bench-main.mjs",
    ends: "bench: ok",
    isExtra: true,
  },
  {
    name: "kills",
    kind: "program",
    script: "tools/hostile/dist/main.js",
    args: ["--only", "kills"],
    isExtra: true,
  },
];
