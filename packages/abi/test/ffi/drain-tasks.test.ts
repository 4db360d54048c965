import { describe, expect, test } from "vitest";
import { chooseDrain, drainTasks } from "../../src/ffi/drain-tasks.ts";
import { runScript } from "../support/run-script.ts";

describe("drainTasks", () => {
  test("runs what nextTick and promises have left", () => {
    const ran: string[] = [];
    process.nextTick(() => ran.push("tick"));
    void Promise.resolve().then(() => ran.push("promise"));
    drainTasks();
    expect(ran).toContain("tick");
  });

  test("goes on behind a nextTick callback that throws, and reports it (process)", async () => {
    const end = await runScript(`
      import { drainTasks } from "@ipcz/abi/ffi";
      process.on("uncaughtException", (error) => console.log("uncaught", error.message));
      setTimeout(() => {
        process.nextTick(() => { throw new Error("first"); });
        process.nextTick(() => console.log("second"));
        process.nextTick(() => { throw new Error("third"); });
        drainTasks();
        console.log("drained");
      }, 1);
    `);
    expect(end.errors).toBe("");
    expect(end.output.trim().split("\n").toSorted()).toEqual([
      "drained",
      "second",
      "uncaught first",
      "uncaught third",
    ]);
  });
});

describe("chooseDrain", () => {
  test("calls the runtime's own entry where it has one", () => {
    let calls = 0;
    chooseDrain(() => calls++)();
    expect(calls).toBe(1);
  });

  test("falls back to an immediate where it has not", async () => {
    const drain = chooseDrain(undefined);
    const ran: string[] = [];
    drain();
    setImmediate(() => ran.push("immediate"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toEqual(["immediate"]);
  });
});
