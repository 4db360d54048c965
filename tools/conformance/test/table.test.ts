/**
 * Every test of the table, against our core over the in-process driver.
 */
import { describe, expect, it } from "vitest";
import { tableSubjects } from "../src/scenario/environments.ts";
import { runTableCase, tableCases } from "../src/table/run-table.ts";

describe.each(tableSubjects())("$name", (subject) => {
  it.each(tableCases)("$name", async (test) => {
    const { status, reason } = await runTableCase(test, subject);
    expect(status === "failed" ? reason : "").toBe("");
  });
});
