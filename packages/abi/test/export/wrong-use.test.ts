/**
 * Our table and a driver of ours in the hands of a program in C that uses them wrongly.
 */
import type { IpczAPI, IpczDriver } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { memDriver } from "@ipcz/driver-mem";
import { beforeAll, expect, test } from "vitest";
import { foreign } from "../../src/ffi/koffi.ts";
import type { Address } from "../../src/ffi/foreign.ts";
import { exportAPI, exportDriver } from "../../src/index.ts";
import { describeWithCompiler, nativeLibrary } from "../support/compiler.ts";

type Misuse = (api: Address, driver: Address) => string | null;

describeWithCompiler("a program in C that", () => {
  let library: ReturnType<typeof foreign.load>;

  beforeAll(() => {
    library = foreign.load(nativeLibrary("wrong_use"));
  });

  /** Runs the C function `name`; afterwards nothing is left. */
  function expectRefusals(name: string): void {
    const misuse = library.bind<Misuse>(`const char *${name}(void *api, void *driver)`);
    const [routers, handles] = [liveRouters(), openHandles()];
    const driver = memDriver({ schedule: "sync" });
    expect(misuse(pointerTo(getAPI()), exportDriver(driver).pointer)).toBeNull();
    expect([liveRouters(), openHandles()]).toEqual([routers, handles]);
    expect(leftOver(driver)).toEqual([]);
  }

  test("gives structs of a short size is refused, and nothing changes", () => {
    expectRefusals("give_short_structs");
  });

  test("gives null where it is not allowed is refused, and nothing changes", () => {
    expectRefusals("give_null_pointers");
  });

  test("gives counts that cannot be true is refused, and nothing changes", () => {
    expectRefusals("give_false_counts");
  });

  test("does the same with a driver is refused, and nothing changes", () => {
    const misuse = library.bind<(driver: Address) => string | null>(
      "const char *use_driver_wrongly(void *driver)",
    );
    const driver = memDriver({ schedule: "sync" });
    expect(misuse(exportDriver(driver).pointer)).toBeNull();
    expect(leftOver(driver)).toEqual([]);
  });
});

function pointerTo(api: IpczAPI): Address {
  return exportAPI(api).pointer;
}

function leftOver(driver: IpczDriver & ReturnType<typeof memDriver>): string[] {
  return Object.entries(driver.world.liveObjects()).flatMap(([kind, count]) =>
    count === 0 ? [] : [`${kind}: ${String(count)}`],
  );
}
