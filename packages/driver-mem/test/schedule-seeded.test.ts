import { IPCZ_RESULT_OK, type IpczDriver, type IpczDriverHandle, type IpczHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { memWorld, type MemDelay, type MemRefusal } from "../src/index.ts";
import { listen, send } from "./ear.ts";

/** Activates `transport`; its handler hands on each message, one less each time, to the next of `outward` in turn. */
function handOn(
  driver: IpczDriver,
  transport: IpczDriverHandle,
  outward: readonly IpczDriverHandle[],
): void {
  let turn = 0;
  const handler = (_: IpczHandle, data: Uint8Array | null): number => {
    const hops = data?.[0] ?? 0;
    const next = outward[turn++ % outward.length];
    if (hops > 0 && next !== undefined) send(driver, next, hops - 1);
    return IPCZ_RESULT_OK;
  };
  driver.ActivateTransport(transport, 1 as IpczHandle, handler, 0, null);
}

/** A network of 4 nodes, each connected with each, in which messages are handed on; what happened, in order. */
function story(
  seed: number,
  options: { delay?: MemDelay; refusals?: readonly MemRefusal[] } = {},
): string[] {
  const trace: string[] = [];
  const world = memWorld({
    schedule: "seeded",
    seed,
    ...options,
    onDelivery: ({ driver, end, what, data }) =>
      trace.push(`${driver} ${end} ${what} ${data?.[0] ?? ""}`),
  });
  const drivers = ["a", "b", "c", "d"].map((name) => world.driver(name));
  const outward = drivers.map((): IpczDriverHandle[] => []);
  for (const [i, driver] of drivers.entries()) {
    for (const [j, other] of drivers.entries()) {
      if (j <= i) continue;
      const [mine, theirs] = world.connect(driver, other);
      outward[i]?.push(mine);
      outward[j]?.push(theirs);
    }
  }
  for (const [i, driver] of drivers.entries()) {
    for (const transport of outward[i] ?? []) handOn(driver, transport, outward[i] ?? []);
  }
  for (const [i, driver] of drivers.entries())
    for (const transport of outward[i] ?? []) send(driver, transport, 10);
  const name = new Uint8Array(16);
  drivers[0]?.GenerateRandomBytes(16, 0, null, name);
  trace.push(name.join());
  world.runUntilIdle();
  return trace;
}

describe("seeded schedule", () => {
  it("tells the same story for the same seed", () => {
    for (const seed of [0, 1, 2, 3, 2 ** 40 + 7])
      expect(story(seed), `seed ${seed}`).toEqual(story(seed));
    expect(story(1).length).toBe(12 * 11 + 1);
  });

  it("tells the same story for the same seed, with faults and delays", () => {
    const faults = {
      delay: { probability: 0.5, stepsMax: 9 },
      refusals: [{ operation: "Transmit", probability: 0.02 }],
    } satisfies Parameters<typeof story>[1];
    for (const seed of [1, 2, 3]) {
      expect(story(seed, faults), `seed ${seed}`).toEqual(story(seed, faults));
      expect(story(seed, faults)).not.toEqual(story(seed));
    }
  });

  it("tells other stories for other seeds", () => {
    const stories = new Set([1, 2, 3, 4, 5].map((seed) => story(seed).join()));
    expect(stories.size).toBe(5);
  });

  it("delivers nothing by itself", async () => {
    const world = memWorld({ schedule: "seeded" });
    const driver = world.driver("a");
    const [a, b] = world.connect(driver, driver);
    const ear = listen(driver, b);
    send(driver, a, 1);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(ear.heard).toEqual([]);
    expect([world.step(), world.step(), ear.heard]).toEqual([true, false, [1]]);
  });

  it("stops after as many steps as it may take", () => {
    const world = memWorld({ schedule: "seeded" });
    const driver = world.driver("a");
    const [a, b] = world.connect(driver, driver);
    const ear = listen(driver, b, () => send(driver, a, 1)); // for ever
    send(driver, a, 1);
    expect(world.runUntilIdle(50)).toBe(50);
    expect(ear.heard.length).toBe(50);
  });

  it("takes steps from within a handler without nesting calls of that listener", () => {
    const world = memWorld({ schedule: "seeded" });
    const driver = world.driver("a");
    const [a, b] = world.connect(driver, driver);
    const [c, d] = world.connect(driver, driver);
    const other = listen(driver, d);
    const seen: number[] = [];
    const ear = listen(driver, b, () => {
      world.runUntilIdle();
      seen.push(ear.heard.length);
      return IPCZ_RESULT_OK;
    });
    for (const number of [0, 1, 2]) send(driver, a, number);
    send(driver, c, 9);
    world.runUntilIdle();
    expect([ear.heard, other.heard, seen]).toEqual([[0, 1, 2], [9], [1, 2, 3]]);
  });

  it("keeps the order of one transport under delays, and delivers everything", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const delay = { probability: 0.7, stepsMax: 30 };
      const world = memWorld({ schedule: "seeded", seed, delay });
      const driver = world.driver("a");
      const pairs = [0, 1, 2].map(() => world.connect(driver, driver));
      const ears = pairs.map(([, b]) => listen(driver, b));
      for (let number = 0; number < 50; number++) for (const [a] of pairs) send(driver, a, number);
      world.runUntilIdle();
      const numbers = Array.from({ length: 50 }, (_, number) => number);
      for (const { heard } of ears) expect(heard, `seed ${seed}`).toEqual(numbers);
    }
  });
});
