/** Shared memory: sizes, zeroes, several handles and views of the same bytes, and their ends. */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriver,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { DriverConformanceOptions } from "./options.ts";
import { isPattern, pattern, upTo } from "./pattern.ts";
import { handleCell, type DeclareTrial, type Trial } from "./trial.ts";

/** What links use (64 KiB, 128 KiB, 512 KiB), and sizes that fit no page. */
const SIZES: readonly number[] = [
  1, 8, 63, 64, 4095, 4096, 4097, 65_536, 131_072, 524_288, 1_048_577,
];

/** Declares the tests. */
export function memorySuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  sizes(trial, options);
  sharing(trial, options);
  ends(trial, options);
}

function sizeOf<D extends IpczDriver>(t: Trial<D>, memory: IpczDriverHandle): number {
  const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: -1 };
  const result = t.driver.GetSharedMemoryInfo(memory, 0, null, info);
  return result === IPCZ_RESULT_OK ? info.regionNumBytes : -1;
}

function duplicate<D extends IpczDriver>(t: Trial<D>, memory: IpczDriverHandle): IpczDriverHandle {
  const copy = handleCell();
  const result = t.driver.DuplicateSharedMemory(memory, 0, null, copy);
  if (result === IPCZ_RESULT_OK) t.own(copy.value);
  return copy.value;
}

function sizes<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("makes zeroed, aligned regions of at least the size asked for", async (t) => {
    for (const size of SIZES) {
      const memory = t.memory(size);
      const { view } = t.map(memory);
      expect(sizeOf(t, memory) >= size, `size of ${size} bytes`).toBe(true);
      expect(view.length, `view of ${size} bytes`).toBe(sizeOf(t, memory));
      expect(view.byteOffset % 8, `alignment of ${size} bytes`).toBe(0);
      expect(
        view.every((byte) => byte === 0),
        `zeroes of ${size} bytes`,
      ).toBe(true);
      view[0] = 1;
      view[size - 1] = 2;
      expect(view[size - 1], `last of ${size} bytes`).toBe(2);
    }
  });

  trial("makes zeroed regions also where dirty ones have been freed", async (t) => {
    for (let round = 0; round < 20; round++) {
      const memory = t.memory(65_536);
      const { view, mapping } = t.map(memory);
      expect(
        view.every((byte) => byte === 0),
        `round ${round}`,
      ).toBe(true);
      view.fill(0xee);
      t.close(mapping);
      t.close(memory);
    }
  });

  trial("refuses an info struct that is too small, and leaves it alone", async (t) => {
    const memory = t.memory(64);
    const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE - 1, regionNumBytes: -1 };
    const result = t.driver.GetSharedMemoryInfo(memory, 0, null, info);
    expect([result, info.regionNumBytes]).toEqual([IPCZ_RESULT_INVALID_ARGUMENT, -1]);
    const longer = { size: IPCZ_SHARED_MEMORY_INFO_SIZE + 8, regionNumBytes: -1 };
    expect(t.driver.GetSharedMemoryInfo(memory, 0, null, longer)).toBe(IPCZ_RESULT_OK);
  });
}

function sharing<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("shows two mappings the same bytes", async (t) => {
    const memory = t.memory(4096);
    const first = t.map(memory).view;
    const second = t.map(memory).view;
    first.set(pattern(4096, 5));
    expect(isPattern(second.slice(0, 4096), 4096, 5)).toBe(true);
    second[4095] = 9;
    expect(first[4095]).toBe(9);
  });

  trial("duplicates handles of the same size to the same bytes", async (t) => {
    const memory = t.memory(5000);
    const copy = duplicate(t, memory);
    const copyOfCopy = duplicate(t, copy);
    expect([copy, copyOfCopy].map((handle) => sizeOf(t, handle))).toEqual([
      sizeOf(t, memory),
      sizeOf(t, memory),
    ]);
    t.map(memory).view[17] = 71;
    t.close(memory);
    expect(t.map(copy).view[17]).toBe(71);
    t.close(copy);
    expect(t.map(copyOfCopy).view[17]).toBe(71);
  });

  trial("keeps Atomics on different mappings coherent", async (t) => {
    const memory = t.memory(64);
    const [first, second] = [t.map(memory).view, t.map(duplicate(t, memory)).view].map(
      ({ buffer, byteOffset }) => ({
        words: new Int32Array(buffer, byteOffset, 4),
        longs: new BigUint64Array(buffer, byteOffset, 4),
      }),
    );
    if (first === undefined || second === undefined) return;
    for (const round of upTo(100)) {
      Atomics.add(round % 2 === 0 ? first.words : second.words, 0, 1);
      Atomics.add(round % 2 === 0 ? second.longs : first.longs, 2, 3n);
    }
    expect(Atomics.load(first.words, 0)).toBe(100);
    expect(Atomics.load(second.longs, 2)).toBe(300n);
    expect(Atomics.compareExchange(second.words, 0, 100, 7)).toBe(100);
    expect(Atomics.exchange(first.words, 0, 8)).toBe(7);
  });

  trial("travels without losing its bytes or its sharing", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const memory = t.memory(131_072);
    const size = sizeOf(t, memory);
    const { view } = t.map(memory);
    view.set(pattern(131_072, 6));
    const arrived = t.unpack(await t.carry(memory, a, atB), b);
    const far = t.map(arrived).view;
    expect(sizeOf(t, arrived)).toBe(size);
    expect(far.length).toBe(size);
    expect(isPattern(far.slice(0, 131_072), 131_072, 6)).toBe(true);
    far[131_071] = 0xab;
    expect(view[131_071]).toBe(0xab);
  });
}

/** Uses a view that may be gone: it may read as anything, but it must not throw. */
function touch(view: Uint8Array): void {
  view.fill(0xff);
  view[0] = (view[0] ?? 0) + 1;
  view.slice(0, 8);
}

function ends<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, refusesStaleHandles = true }: DriverConformanceOptions<D>,
): void {
  trial("keeps a mapping when every handle to the memory is closed", async (t) => {
    const memory = t.memory(4096);
    const { view, mapping } = t.map(memory);
    view.set(pattern(4096, 7));
    t.close(memory);
    await t.quiet();
    expect(isPattern(view.slice(0, 4096), 4096, 7)).toBe(true);
    t.close(mapping);
  });

  trial("survives the use of a view after its mapping is closed", async (t) => {
    const views = upTo(16).map(() => {
      const memory = t.memory(65_536);
      const { view, mapping } = t.map(memory);
      t.close(mapping);
      t.close(memory);
      return view;
    });
    for (const view of views) touch(view);
    const others = upTo(16).map(() => t.map(t.memory(65_536)).view);
    for (const view of views) touch(view);
    await t.quiet();
    for (const view of views) touch(view);
    for (const other of others)
      expect(
        other.every((byte) => byte === 0),
        "memory of somebody else",
      ).toBe(true);
  });

  trial("refuses what is no memory, and leaves the outputs alone", async (t) => {
    const { driver } = t;
    const stale = t.memory(64);
    t.close(stale);
    const live = t.memory(64);
    const { mapping } = t.map(live);
    const handles = [IPCZ_INVALID_DRIVER_HANDLE, mapping, t.pair()[0]];
    if (refusesStaleHandles)
      handles.push(stale, (live + 0.5) as IpczDriverHandle, -1 as IpczDriverHandle);
    for (const handle of handles) {
      const output = handleCell();
      const empty = new Uint8Array(0);
      const address = { value: empty };
      const info = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: -1 };
      const results = [
        driver.GetSharedMemoryInfo(handle, 0, null, info),
        driver.DuplicateSharedMemory(handle, 0, null, output),
        driver.MapSharedMemory(handle, 0, null, address, output),
      ];
      expect(results.includes(IPCZ_RESULT_OK), `handle ${handle}`).toBe(false);
      expect([info.regionNumBytes, output.value, address.value === empty]).toEqual([-1, 0, true]);
    }
  });
}
