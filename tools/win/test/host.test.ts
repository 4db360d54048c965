import process from "node:process";
import { expect, test } from "vitest";
import { type Host, runNode } from "../src/host.ts";

test("a program on a host that is lost is given up, and the reason told", async () => {
  const lost = new AbortController();
  const host: Host = {
    description: "here",
    command: [process.execPath],
    root: process.cwd(),
    env: process.env,
    lost: lost.signal,
    pathInside: (path) => path,
    close: () => undefined,
  };
  const reason = new Error("the server has ended");
  const run = runNode(host, ["--eval", "console.log('up'); setInterval(() => {}, 1000)"], () => {
    lost.abort(reason);
  });
  await expect(run).rejects.toMatchObject({ name: "AbortError", cause: reason });
});
