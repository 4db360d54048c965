/**
 * What must be in the transfer list: refused without, with one error or another.
 */
import { open } from "node:fs/promises";
import { MessageChannel } from "node:worker_threads";
import type { CloneCase } from "./case.ts";

const fileHandle = await open(new URL(import.meta.url));

export const unlistedCases: readonly CloneCase[] = [
  {
    name: "a MessagePort",
    make: () => {
      const { port1, port2 } = new MessageChannel();
      port2.close();
      return port1;
    },
  },
  { name: "a ReadableStream", make: () => new ReadableStream() },
  { name: "a WritableStream", make: () => new WritableStream() },
  { name: "a TransformStream", make: () => new TransformStream() },
  { name: "a FileHandle", make: () => fileHandle },
];

/** To be called when all tests of these cases have run. */
export async function endCases(): Promise<void> {
  await fileHandle.close();
}
