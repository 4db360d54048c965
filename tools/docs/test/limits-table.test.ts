import { expect, it } from "vitest";
import { limitsDocument } from "../src/limits-table.ts";

it("writes a row a limit, with digits grouped and bars escaped", () => {
  const text = limitsDocument([{ name: "gapMax", value: 1_000_000, reason: "A | B." }]);
  expect(text).toContain(String.raw`| ${"`gapMax`"} | 1 000 000 | A \| B. |`);
});
