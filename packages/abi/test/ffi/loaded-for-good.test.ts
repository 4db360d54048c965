import { describe, expect, test } from "vitest";
import { isLinux, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { describeWithCompiler, nativeLibrary } from "../support/compiler.ts";
import { runScript } from "../support/run-script.ts";

const isTold = runsHere(isLinux, "which libraries are loaded, as /proc tells");

/** Start of a script that asks whether a library is loaded. */
function asking(path: string): string {
  return `
    import { readFileSync } from "node:fs";
    const path = ${JSON.stringify(path)};
    const isLoaded = () => readFileSync("/proc/self/maps", "utf8").includes(path);
    const before = isLoaded();
  `;
}

describeWithCompiler("a library that nobody refers to any more", () => {
  describe.runIf(isTold)("by what the system says", () => {
    test("stays loaded", async () => {
      const path = nativeLibrary("recording_table");
      const { output, errors } = await runScript(
        `${asking(path)}
         import { setImmediate } from "node:timers/promises";
         import { foreign } from "@ipcz/abi/ffi";
         (() => void foreign.load(path).symbol("IpczGetAPI"))();
         const during = isLoaded();
         for (let turn = 0; turn < 5; turn++) {
           await setImmediate();
           gc();
         }
         console.log(before, during, isLoaded());`,
        ["--expose-gc"],
      );
      expect([output, errors]).toEqual(["false true true\n", ""]);
    });

    test("outlives the worker that has loaded it, as its threads may", async () => {
      const path = nativeLibrary("recording_table");
      const { output, errors } = await runScript(
        `${asking(path)}
         import { once } from "node:events";
         import { Worker } from "node:worker_threads";
         const program = \`
           import("tsx/esm/api").then(async ({ register }) => {
             register();
             const { foreign } = await import("@ipcz/abi/ffi");
             foreign.load(\${JSON.stringify(path)});
           });
         \`;
         await once(new Worker(program, { eval: true }), "exit");
         console.log(before, isLoaded());`,
      );
      expect([output, errors]).toEqual(["false true\n", ""]);
    });
  });
});
