/**
 * What the border costs: calls into native code and out of it, on this thread and from others.
 *
 *     npm run bench:border [-- /path/to/libipcz.so]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { exportAPI, importAPI, importDriver, loadNative } from "@ipcz/abi";
import { foreign, type Address } from "@ipcz/abi/ffi";
import {
  type IpczAPI,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_DRIVER_SIZE,
  IPCZ_INVALID_HANDLE,
  type IpczHandle,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_PEER_CLOSED,
  type IpczTrapConditions,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { memDriver } from "@ipcz/driver-mem";

const ROUNDS = 7;

/** Median of the rounds, nanoseconds for each call; the first round is for the compiler. */
function measure(count: number, call: () => void): number {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    for (let index = 0; index < count; index++) call();
    if (round > 0) times.push(((performance.now() - start) * 1e6) / count);
  }
  return medianOf(times);
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[times.length >> 1] ?? Number.NaN;
}

function nothing(): void {}

function trapOn(flags: number): IpczTrapConditions {
  return { size: IPCZ_TRAP_CONDITIONS_SIZE, flags, minLocalParcels: 0, minLocalBytes: 0 };
}

const rows: [what: string, nanoseconds: number][] = [];

/** A node with a pair of portals; what they cost to look at and to use. */
function measureTable(name: string, api: IpczAPI): void {
  const node = { value: IPCZ_INVALID_HANDLE };
  const [left, right] = [{ value: IPCZ_INVALID_HANDLE }, { value: IPCZ_INVALID_HANDLE }];
  api.CreateNode(memDriver({ schedule: "sync" }), IPCZ_CREATE_NODE_AS_BROKER, null, node);
  api.OpenPortals(node.value, 0, null, left, right);
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  const data = new Uint8Array(64);
  const numBytes = { value: 64 };
  const conditions = trapOn(IPCZ_TRAP_NEW_LOCAL_PARCEL);
  rows.push([
    `${name}: QueryPortalStatus`,
    measure(20_000, () => api.QueryPortalStatus(left.value, 0, null, status)),
  ]);
  const putAndGet = (): void => {
    api.Put(left.value, data, 64, null, 0, 0, null);
    numBytes.value = 64;
    api.Get(right.value, 0, null, data, numBytes, null, null, null);
  };
  rows.push([`${name}: Put and Get of 64 bytes`, measure(10_000, putAndGet)]);
  rows.push([
    `${name}: the same with a trap that fires`,
    measure(10_000, () => {
      api.Trap(right.value, conditions, nothing, 0, 0, null, null, null);
      putAndGet();
    }),
  ]);
  for (const handle of [left.value, right.value, node.value]) api.Close(handle, 0, null);
}

/** Calls that native threads make; needs a C compiler. */
async function measureThreads(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "border-"));
  try {
    const path = join(folder, "border.so");
    const source = fileURLToPath(new URL("../src/border.c", import.meta.url));
    const include = fileURLToPath(new URL("../../../packages/abi/include", import.meta.url));
    const flags = ["-O2", "-D_GNU_SOURCE", "-shared", "-fPIC", "-pthread", "-I", include];
    execFileSync("cc", [...flags, source, "-o", path]);
    await measureCallers(path);
  } catch (error) {
    console.log(`calls from native threads are left out: ${String(error).split("\n")[0] ?? ""}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureCallers(path: string): Promise<void> {
  const library = foreign.load(path);
  const queryFromThread = library.bind<(api: Address, portal: number, count: number) => void>(
    "void query_from_thread(void *api, uint64_t portal, int count)",
  );
  const fireFromThread = library.bind<(count: number) => void>("void fire_from_thread(int count)");
  const isDone = library.bind<() => number>("int is_done(void)");
  const timed = async (count: number, begin: () => void): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const start = performance.now();
      begin();
      while (isDone() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (round > 0) times.push(((performance.now() - start) * 1e6) / count);
    }
    return medianOf(times);
  };
  const { pointer } = exportAPI(getAPI());
  rows.push([
    "an exported table called by a native thread: QueryPortalStatus",
    await timed(2000, () => queryFromThread(pointer, 1, 2000)),
  ]);
  const api = loadNative(path);
  // No function of this driver is ever called.
  const table = new BigUint64Array(IPCZ_DRIVER_SIZE / 8).fill(1n);
  table[0] = BigInt(IPCZ_DRIVER_SIZE);
  const threaded = importDriver(foreign.address(table));
  api.CreateNode(threaded, 0, null, { value: IPCZ_INVALID_HANDLE });
  const conditions = trapOn(IPCZ_TRAP_PEER_CLOSED);
  api.Trap(1 as IpczHandle, conditions, nothing, 0, 0, null, null, null);
  rows.push(["a trap fired by a native thread", await timed(2000, () => fireFromThread(2000))]);
}

const [, , native] = process.argv;
measureTable("getAPI()", getAPI());
measureTable("the same, there and back", importAPI(exportAPI(getAPI()).pointer));
if (native !== undefined) measureTable("loadNative(library)", loadNative(native));
await measureThreads();

const width = Math.max(...rows.map(([what]) => what.length));
console.log(`Node ${process.version}, median of ${String(ROUNDS)} rounds`);
for (const [what, nanoseconds] of rows) {
  console.log(`${what.padEnd(width)}  ${nanoseconds.toFixed(0).padStart(8)} ns`);
}
// The node over a driver that is none stays, and would keep the process.
process.exit();
