/**
 * Two processes, neither of them a broker, that have a line to each other and share memory over it. On Windows neither
 * may move handles into the other: the memory goes by way of the broker, and nobody who uses it sees a difference.
 */
import { once } from "node:events";
import { expect, it } from "vitest";
import { isWindows } from "../../../../tools/conformance/src/runs-here.ts";
import { Node } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const fixture = new URL("../fixtures/share-memory.mjs", import.meta.url);

it("processes introduced by a broker share memory with each other", async () => {
  const node = new Node({ driver: systemDriver() });
  const children = await Promise.all(
    ["first", "second"].map(() => node.fork(fixture, [], { execArgv: [], stdio: "ignore" })),
  );
  const [first, second] = children;
  if (!first || !second) throw new Error("two processes were started");
  const [near, far] = node.openPortals();
  first.portal.put({ bytes: "first", handles: [near] });
  second.portal.put({ bytes: "second", handles: [far] });
  const reports = [await first.portal.receive(), await second.portal.receive()];
  const facts = reports.map((report): unknown => JSON.parse(report?.text() ?? "null"));
  expect(facts).toEqual([
    { role: "first", saw: 43, refused: isWindows ? expect.any(Number) : 0 },
    { role: "second", saw: 42, refused: 0 },
  ]);
  const [atFirst] = facts as { readonly refused: number }[];
  expect(atFirst && atFirst.refused > 0).toBe(isWindows);
  for (const { portal } of children) portal.close();
  for (const { process: child } of children)
    if (child.exitCode === null && child.signalCode === null)
      // oxlint-disable-next-line no-await-in-loop -- both
      await once(child, "exit");
  node.close();
});
