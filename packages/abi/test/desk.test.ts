/**
 * The thread that native threads report to, at the end of a process.
 */
import { expect, test } from "vitest";
import { describeWithCompiler, nativeLibrary } from "./support/compiler.ts";
import { runScript } from "./support/run-script.ts";

function prelude(): string {
  const path = JSON.stringify(nativeLibrary("recording_table"));
  return `
    import { importDriver, loadNative } from "@ipcz/abi";
    import { foreign } from "@ipcz/abi/ffi";
    const library = foreign.load(${path});
    const table = new BigUint64Array(14).fill(1n);
    table[0] = 112n;
    const api = loadNative(${path});
    const node = { value: 0 };
    const conditions = { size: 32, flags: 2, minLocalParcels: 0, minLocalBytes: 0 };
    const threaded = importDriver(foreign.address(table));
    const trap = (told) => api.Trap(1, conditions, told, 0, 0, null, null, null);
  `;
}

describeWithCompiler("a process with a node over a native driver", () => {
  test("ends with its own exit code while native threads report", async () => {
    const { code, signal } = await runScript(`${prelude()}
      api.CreateNode(threaded, 0, null, node);
      trap(() => setTimeout(() => process.exit(7), 20));
      library.bind("void fire_trap_for_ever(void)")();
    `);
    expect([code, signal]).toEqual([7, null]);
  });

  test("ends as usual by an uncaught exception while native threads report", async () => {
    const { code, signal, errors } = await runScript(`${prelude()}
      api.CreateNode(threaded, 0, null, node);
      trap(() => setTimeout(() => { throw new Error("seen by everybody"); }, 20));
      library.bind("void fire_trap_for_ever(void)")();
    `);
    expect(errors).toContain("seen by everybody");
    expect([code, signal]).toEqual([1, null]);
  });

  test("is kept alive by the node and ends by itself when that is closed", async () => {
    const { code, output } = await runScript(`${prelude()}
      api.CreateNode(threaded, 0, null, node);
      setTimeout(() => {
        console.log("still here");
        api.Close(node.value, 0, null);
      }, 50).unref();
    `);
    expect([code, output]).toEqual([0, "still here\n"]);
  });

  test("must have it before traps are set that would report straight", async () => {
    const { code, errors } = await runScript(`${prelude()}
      trap(() => {});
      api.CreateNode(threaded, 0, null, node);
    `);
    expect(errors).toContain("must be created before any trap is set");
    expect(code).toBe(1);
  });
});
