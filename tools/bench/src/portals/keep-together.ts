/**
 * Round trips of which only the difference is looked at: where the system places the two processes would be most of each.
 */
import process from "node:process";
import { firstOf, keepOn, processorsOf } from "../taskset.ts";

/** Does `work` while this process and process `pid` run on one processor, where the system has a way to say so. */
export async function onOneProcessor<T>(pid: number, work: () => Promise<T>): Promise<T> {
  const before = processorsOf(process.pid);
  if (before === null) return work();
  for (const each of [process.pid, pid]) keepOn(each, firstOf(before));
  try {
    return await work();
  } finally {
    for (const each of [process.pid, pid]) keepOn(each, before);
  }
}
