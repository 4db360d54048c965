/**
 * Our table in the hands of a program in C, on this thread and on several of its own.
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { memDriver } from "@ipcz/driver-mem";
import { beforeAll, describe, expect, test } from "vitest";
import type { Address } from "../../src/ffi/foreign.ts";
import { foreign } from "../../src/ffi/koffi.ts";
import { exportAPI, exportDriver, importAPI } from "../../src/index.ts";
import { describeWithCompiler, nativeLibrary } from "../support/compiler.ts";

interface Client {
  useEverything(getAPI: Address, driver: Address): string | null;
  closeThrough(api: Address, handle: IpczHandle): number;
  hammer(api: Address, node: IpczHandle, threads: number, milliseconds: number, seed: number): void;
  stillRunning(): number;
  report(thread: number, counts: BigUint64Array): string | null;
}

function openClient(): Client {
  const library = foreign.load(nativeLibrary("client"));
  return {
    useEverything: library.bind("const char *use_everything(void *get_api, void *driver)"),
    closeThrough: library.bind("int close_through(void *api, uint64_t handle)"),
    hammer: library.bind(
      "void hammer(void *api, uint64_t node, int threads, uint32_t milliseconds, uint32_t seed)",
    ),
    stillRunning: library.bind("int still_running(void)"),
    report: library.bind("const char *report(int thread, void *counts)"),
  };
}

/** `npm run hammer` makes it a minute. */
const hammerSeconds = Number(process.env["IPCZ_HAMMER_SECONDS"] ?? 1);

function newNode(api: IpczAPI): IpczHandle {
  const node = { value: 0 as IpczHandle };
  expect(api.CreateNode(memDriver(), 1, null, node)).toBe(IPCZ_RESULT_OK);
  return node.value;
}

describe("an export", () => {
  test("names what an incomplete table or driver lacks", () => {
    const api = { ...getAPI(), Trap: undefined } as unknown as IpczAPI;
    expect(() => exportAPI(api)).toThrow("this is no complete table: it has no Trap");
    expect(() => exportDriver({ ...memDriver(), size: 104 })).toThrow(
      "this is no complete driver: its size is 104, at least 112 is needed",
    );
  });

  test("answers INVALID_ARGUMENT once it is released, and the process lives", () => {
    const exported = exportAPI(getAPI());
    const api = importAPI(exported.pointer);
    const node = newNode(api);
    exported.release();
    expect(api.Close(node, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(getAPI().Close(node, 0, null)).toBe(IPCZ_RESULT_OK);
  });

  test("of a driver answers INVALID_ARGUMENT once it is released", () => {
    const exported = exportDriver(memDriver());
    const close = foreign.call<(handle: number, flags: number, options: null) => number>(
      new BigUint64Array(foreign.view(exported.pointer, 112))[1] ?? 0n,
      foreign.prototype("int", ["uint64_t", "uint32_t", "void *"]),
    );
    exported.release();
    expect(close(5, 0, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });

  test("keeps the memory of a two-phase put where it is while garbage is collected", () => {
    const api = importAPI(exportAPI(getAPI()).pointer);
    const node = newNode(api);
    const [left, right] = [{ value: 0 as IpczHandle }, { value: 0 as IpczHandle }];
    api.OpenPortals(node, 0, null, left, right);
    const data = { value: null as Uint8Array | null };
    const transaction = { value: 0 as never };
    api.BeginPut(left.value, 0, null, data, { value: 40 }, transaction);
    for (let round = 0; round < 200; round++) void new Uint8Array(1_000_000);
    data.value?.fill(9);
    expect(api.EndPut(left.value, transaction.value, 40, null, 0, 0, null)).toBe(IPCZ_RESULT_OK);
    const got = new Uint8Array(40);
    api.Get(right.value, 0, null, got, { value: 40 }, null, null, null);
    expect(got.every((byte) => byte === 9)).toBe(true);
    for (const handle of [left.value, right.value, node]) api.Close(handle, 0, null);
  });
});

describeWithCompiler("a program in C with our table", () => {
  let client: Client;

  beforeAll(() => {
    client = openClient();
  });

  test("does everything and finds nothing wrong", () => {
    const [routers, handles] = [liveRouters(), openHandles()];
    const driver = memDriver({ schedule: "sync" });
    const { getAPI: address } = exportAPI(getAPI());
    expect(client.useEverything(address, exportDriver(driver).pointer)).toBeNull();
    expect([liveRouters(), openHandles()]).toEqual([routers, handles]);
    expect(Object.values(driver.world.liveObjects()).every((count) => count === 0)).toBe(true);
  });

  test("may hold on to a table that is released", () => {
    const exported = exportAPI(getAPI());
    const node = newNode(getAPI());
    exported.release();
    expect(client.closeThrough(exported.pointer, node)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    getAPI().Close(node, 0, null);
  });

  test(
    `uses it from 4 threads for ${String(hammerSeconds)} s while JavaScript does too`,
    { timeout: hammerSeconds * 1000 + 60_000 },
    async () => {
      const [routers, handles] = [liveRouters(), openHandles()];
      const api = getAPI();
      const node = newNode(api);
      const { pointer } = exportAPI(api);
      const seed = Math.floor(Math.random() * 2 ** 31);
      client.hammer(pointer, node, 4, hammerSeconds * 1000, seed);
      let ours = 0;
      while (client.stillRunning() > 0) {
        const [left, right] = [{ value: 0 as IpczHandle }, { value: 0 as IpczHandle }];
        api.OpenPortals(node, 0, null, left, right);
        expect(api.Put(left.value, Uint8Array.of(ours % 256), 1, null, 0, 0, null)).toBe(0);
        const got = new Uint8Array(1);
        api.Get(right.value, 0, null, got, { value: 1 }, null, null, null);
        expect(got[0]).toBe(ours % 256);
        api.Close(left.value, 0, null);
        api.Close(right.value, 0, null);
        ours++;
        // oxlint-disable-next-line no-await-in-loop -- the threads' calls run in between
        await sleep(1);
      }
      expect(ours).toBeGreaterThan(0);
      const all = [0n, 0n, 0n];
      for (let thread = 0; thread < 4; thread++) {
        const counts = new BigUint64Array(3);
        const failure = client.report(thread, counts);
        expect([thread, failure, `seed ${String(seed)}`]).toEqual([
          thread,
          null,
          `seed ${String(seed)}`,
        ]);
        const [rounds = 0n, parcels = 0n, traps = 0n] = counts;
        expect(rounds).toBeGreaterThan(0n);
        expect([parcels, traps]).toEqual([2n * rounds, 2n * rounds]);
        for (const [index, count] of counts.entries()) all[index] = (all[index] ?? 0n) + count;
      }
      if (hammerSeconds > 1) {
        const [rounds, parcels, traps] = all.map(String);
        console.log(
          `4 threads: ${rounds} rounds, ${parcels} parcels, ${traps} traps; here: ${String(ours)} rounds`,
        );
      }
      api.Close(node, 0, null);
      expect([liveRouters(), openHandles()]).toEqual([routers, handles]);
    },
  );
});
