/**
 * The table conformance suite against a real native library, over a driver of JavaScript.
 */
import { IPCZ_API_SIZE } from "@ipcz/api";
import { memDriver } from "@ipcz/driver-mem";
import { expect, test } from "vitest";
import { runTableCase, tableCases } from "../../../../tools/conformance/src/table/run-table.ts";
import type { TableSubject } from "../../../../tools/conformance/src/table/table-subject.ts";
import { foreign } from "../../src/ffi/koffi.ts";
import { loadNative } from "../../src/index.ts";
import {
  describeWithRealLibrary,
  differencesUntil2024,
  realLibrary,
} from "../support/real-library.ts";

function subjectOf(path: string): TableSubject {
  let driver = memDriver({ schedule: "sync" });
  const fill = foreign
    .load(path)
    .bind<(table: BigUint64Array | null) => number>("int IpczGetAPI(void *table)");
  return {
    name: "loadNative",
    api: loadNative(path),
    survivesMadeUpHandles: false,
    makeDriver: () => {
      driver = memDriver({ schedule: "sync" });
      return driver;
    },
    fillTable(table) {
      if (table === null) return fill(null);
      const native = new BigUint64Array(IPCZ_API_SIZE / 8);
      native[0] = BigInt(table.size);
      return fill(native);
    },
    leaks: () => ({ ...driver.world.liveObjects() }),
  };
}

describeWithRealLibrary("the table of a real native library", () => {
  const subject = realLibrary === null ? null : subjectOf(realLibrary);

  test.for(tableCases)("$name", async (each, context) => {
    expect(subject).not.toBeNull();
    if (subject === null) return;
    const { status, reason } = await runTableCase(each, subject);
    const difference = differencesUntil2024.get(each.name);
    if (status === "skipped") context.skip(reason ?? "");
    if (status === "failed" && difference !== undefined) context.skip(difference);
    expect(status === "failed" ? reason : "").toBe("");
  });
});
