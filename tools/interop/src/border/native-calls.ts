/**
 * What calls cost that native code makes: of an exported table, and of a trap handler. They need a C compiler.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportAPI, importDriver, loadNative } from "@ipcz/abi";
import { foreign, type Address } from "@ipcz/abi/ffi";
import {
  IPCZ_DRIVER_SIZE,
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_TRAP_PEER_CLOSED,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { ignoreEvent, openPair, trapOn } from "./table-calls.ts";
import type { Row, Stopwatch, Timing } from "./timing.ts";

const SOURCE = fileURLToPath(new URL("../../src/border/calls.c", import.meta.url));
const INCLUDE = fileURLToPath(new URL("../../../../packages/abi/include", import.meta.url));

const CALLS = 500;

/** The rows, or why there are none. */
export async function measureNativeCalls(watch: Stopwatch): Promise<Row[] | string> {
  const folder = mkdtempSync(join(tmpdir(), "border-"));
  try {
    const path = join(folder, "calls.so");
    try {
      const flags = ["-O2", "-D_GNU_SOURCE", "-shared", "-fPIC", "-pthread", "-I", INCLUDE];
      execFileSync("cc", [...flags, SOURCE, "-o", path]);
    } catch (error) {
      const [reason = ""] = String(error).split("\n");
      return `calls of native code are left out, nothing compiles them: ${reason}`;
    }
    return await measureCallsOf(watch, path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureCallsOf(watch: Stopwatch, path: string): Promise<Row[]> {
  const library = foreign.load(path);
  const query = "(void *api, uint64_t portal, int count)";
  type Query = (api: Address, portal: number, count: number) => void;
  const queryHere = library.bind<Query>(`void query_here${query}`);
  const queryFromThread = library.bind<Query>(`void query_from_thread${query}`);
  const fireFromThread = library.bind<(count: number) => void>("void fire_from_thread(int count)");
  const isDone = library.bind<() => number>("int is_done(void)");
  const timedThread = (begin: () => void): Promise<Timing> =>
    watch.timeRounds(CALLS, async () => {
      begin();
      // oxlint-disable-next-line no-await-in-loop -- the thread's calls run in between
      while (isDone() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    });
  const native = loadNative(path);
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  const { left, close } = openPair(getAPI());
  const exported = exportAPI(getAPI());
  const calls: Row[] = [
    {
      what: "JavaScript calls C: QueryPortalStatus of a table that does nothing",
      timing: await watch.timeCalls(5000, () =>
        native.QueryPortalStatus(1 as IpczHandle, 0, null, status),
      ),
    },
    {
      what: "C calls JavaScript on its thread: QueryPortalStatus of our table, exported",
      timing: await watch.timeRounds(CALLS, () => queryHere(exported.pointer, left, CALLS)),
    },
    {
      what: "a thread of C calls it",
      timing: await timedThread(() => queryFromThread(exported.pointer, left, CALLS)),
    },
  ];
  close();
  exported.release();
  // No function of this driver is ever called.
  const driver = new BigUint64Array(IPCZ_DRIVER_SIZE / 8).fill(1n);
  driver[0] = BigInt(IPCZ_DRIVER_SIZE);
  native.CreateNode(importDriver(foreign.address(driver)), 0, null, { value: IPCZ_INVALID_HANDLE });
  native.Trap(1 as IpczHandle, trapOn(IPCZ_TRAP_PEER_CLOSED), ignoreEvent, 0, 0, null, null, null);
  calls.push({
    what: "a thread of C fires a trap, by way of the desk",
    timing: await timedThread(() => fireFromThread(CALLS)),
  });
  return calls;
}
