/** Lets the collector do its work, so that what is measured afterwards is held by somebody. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turn } from "./turn.ts";

function isProcedure(value: unknown): value is () => void {
  return typeof value === "function";
}

/** Collects garbage, as far as the engine lets itself be told to; what waits for a collection has its turn too. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  for (let round = 0; round < 3; round++) {
    if (isProcedure(gc)) gc();
    await turn();
  }
}
