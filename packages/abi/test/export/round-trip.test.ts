/**
 * The table conformance suite against our own table that has gone to C and come back: every call is made through a native
 * function pointer.
 */
import { getAPI } from "@ipcz/core";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { memDriver } from "@ipcz/driver-mem";
import { expect, test } from "vitest";
import { runTableCase, tableCases } from "../../../../tools/conformance/src/table/run-table.ts";
import type { TableSubject } from "../../../../tools/conformance/src/table/table-subject.ts";
import { foreign } from "../../src/ffi/koffi.ts";
import { exportAPI, importAPI } from "../../src/index.ts";

const exported = exportAPI(getAPI());
const fill = foreign.call<(table: BigUint64Array | null) => number>(
  exported.getAPI,
  foreign.prototype("int", ["void *"]),
);
let driver = memDriver({ schedule: "sync" });

const subject: TableSubject = {
  name: "exportAPI",
  api: importAPI(exported.pointer),
  survivesMadeUpHandles: true,
  makeDriver: () => {
    driver = memDriver({ schedule: "sync" });
    return driver;
  },
  fillTable(table) {
    if (table === null) return fill(null);
    const native = new BigUint64Array(17);
    native[0] = BigInt(table.size);
    return fill(native);
  },
  leaks: () => ({
    ...driver.world.liveObjects(),
    router: liveRouters(),
    "open handle": openHandles(),
  }),
};

test.each(tableCases)("$name", async (each) => {
  const { status, reason } = await runTableCase(each, subject);
  expect(status === "failed" ? reason : "").toBe("");
});
