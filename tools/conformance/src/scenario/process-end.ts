/**
 * How a started node's process ends, and what it has written until then.
 */
import type { ChildProcess } from "node:child_process";
import type { ProcessEnd } from "./environment.ts";

/** Resolves when `child` is gone, or could not be started. */
export function endOf(child: ChildProcess): Promise<ProcessEnd> {
  let output = "";
  const collect = (part: unknown): void => {
    output += String(part);
  };
  child.stdout?.setEncoding("utf8").on("data", collect);
  child.stderr?.setEncoding("utf8").on("data", collect);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve({ code: null, signal: null, output: String(error) });
    });
    child.once("close", (code, signal) => {
      resolve({ code, signal, output });
    });
  });
}
