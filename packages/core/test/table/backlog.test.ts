/**
 * Back-pressure at a portal: what waits, who is told when less does.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import type { MemDriver } from "@ipcz/driver-mem";
import { describe, expect, it } from "vitest";
import { portalBacklog, watchBacklog } from "../../src/table/backlog.ts";
import { TableBench } from "./table-bench.ts";

/** More than any fragment holds, so that it travels in its message. */
const LARGE = "x".repeat(2 ** 21);

/** Of two routes over one connection, and of one within the broker. */
interface Ends {
  readonly a: IpczHandle;
  readonly near: IpczHandle;
  readonly far: IpczHandle;
  readonly spare: IpczHandle;
}

class BacklogBench extends TableBench {
  readonly told: string[] = [];
  readonly member: MemDriver;

  constructor() {
    super(0.5, { schedule: "seeded" });
    this.member = this.world.driver("other");
  }

  /** A portal of the broker and one of another node, at rest. */
  joined(): [IpczHandle, IpczHandle] {
    const pair = this.link(this.member);
    this.world.runUntilIdle();
    return pair;
  }

  /** A route between `near` and `far` that nobody has used, over a connection with a backlog. */
  crowded(): Ends {
    const [a, b] = this.joined();
    const [near, moving] = this.open();
    const [spare] = this.open();
    this.put(a, "move", [moving]);
    this.world.runUntilIdle();
    const far = this.get(b).handles[0] ?? IPCZ_INVALID_HANDLE;
    this.world.runUntilIdle();
    this.put(a, LARGE);
    return { a, near, far, spare };
  }

  deliverUntilTold(): void {
    while (this.told.length === 0 && this.world.step());
  }

  backlog(portal: IpczHandle): number {
    return portalBacklog(this.core, portal);
  }

  watch(portal: IpczHandle, numBytes: number, name = "told"): IpczResult {
    const note = (): void => {
      expect(this.backlog(portal)).toBeLessThanOrEqual(numBytes);
      this.told.push(name);
    };
    return this.core.call(() => watchBacklog(this.core, portal, numBytes, note));
  }

  finish(...open: readonly IpczHandle[]): void {
    this.close(...open);
    this.world.runUntilIdle();
    this.end();
  }
}

describe("the backlog of a portal", () => {
  it("is what its connection has not delivered, and falls to 0", () => {
    const bench = new BacklogBench();
    const [a, b] = bench.joined();
    expect(bench.backlog(a)).toBe(0);
    for (let count = 1; count <= 3; count++) {
      bench.put(a, LARGE);
      expect(bench.backlog(a)).toBeGreaterThanOrEqual(count * LARGE.length);
    }
    bench.world.runUntilIdle();
    expect([bench.backlog(a), bench.status(b).parcels]).toEqual([0, 3]);
    bench.finish(a, b);
  });

  it("counts parcels of a route that has no link yet", () => {
    const bench = new BacklogBench();
    const [a, b] = bench.link(bench.member);
    bench.put(a, LARGE);
    expect(bench.backlog(a)).toBeGreaterThanOrEqual(LARGE.length);
    expect(bench.watch(a, 0)).toBe(IPCZ_RESULT_OK);
    bench.world.runUntilIdle();
    expect([bench.backlog(a), bench.told, bench.status(b).parcels]).toEqual([0, ["told"], 1]);
    bench.finish(a, b);
  });

  it("is 0 between portals of one node, and for what is no portal", () => {
    const bench = new BacklogBench();
    const [a, b] = bench.open();
    bench.put(a, LARGE);
    expect([bench.backlog(a), bench.backlog(bench.node)]).toEqual([0, 0]);
    expect(bench.watch(a, 0)).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
    bench.finish(a, b);
  });
});

describe("a watch of the backlog", () => {
  it("is told once, when few enough bytes wait, and not before", () => {
    const bench = new BacklogBench();
    const [a, b] = bench.joined();
    for (let count = 0; count < 3; count++) bench.put(a, LARGE);
    expect(bench.watch(a, 2 * LARGE.length + 4096, "two wait")).toBe(IPCZ_RESULT_OK);
    expect(bench.watch(a, 0, "none waits")).toBe(IPCZ_RESULT_OK);
    expect(bench.told).toEqual([]);
    bench.world.runUntilIdle();
    expect(bench.told.toSorted()).toEqual(["none waits", "two wait"]);
    bench.put(a, LARGE);
    bench.world.runUntilIdle();
    expect(bench.told).toHaveLength(2);
    bench.finish(a, b);
  });

  it("is told at once by its result when so few wait already", () => {
    const bench = new BacklogBench();
    const [a, b] = bench.joined();
    bench.put(a, LARGE);
    expect(bench.watch(a, 3 * LARGE.length)).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
    bench.world.runUntilIdle();
    expect(bench.told).toEqual([]);
    bench.finish(a, b);
  });

  // The backlog of the connection stays, and with it that of the other portal, save in the last case.
  it.each<[string, (bench: BacklogBench, ends: Ends) => void]>([
    ["the portal is closed", (bench, { near }) => bench.close(near)],
    ["the portal leaves this node", (bench, { near, a }) => void bench.put(a, "away", [near])],
    [
      "the portal is merged",
      (bench, { near, spare }) => void bench.api.MergePortals(near, spare, 0, null),
    ],
    [
      "the peer is closed",
      (bench, { far }) => {
        bench.close(far);
        bench.deliverUntilTold();
      },
    ],
    [
      "the connection is lost",
      (bench) => {
        bench.member.crash("drop");
        bench.deliverUntilTold();
      },
    ],
  ])("is told when %s", (name, happen) => {
    const bench = new BacklogBench();
    const ends = bench.crowded();
    expect(bench.watch(ends.near, 0)).toBe(IPCZ_RESULT_OK);
    expect(bench.told).toEqual([]);
    happen(bench, ends);
    expect(bench.told).toEqual(["told"]);
    expect(bench.backlog(ends.near)).toBe(0);
    if (name !== "the connection is lost") expect(bench.backlog(ends.a)).toBeGreaterThan(0);
    bench.world.runUntilIdle();
    expect(bench.told).toHaveLength(1);
  });

  it("of no portal, of no number or of no function is refused", () => {
    const bench = new BacklogBench();
    const [a, b] = bench.joined();
    bench.put(a, LARGE);
    const results = [bench.watch(bench.node, 0), bench.watch(a, -1), bench.watch(a, Number.NaN)];
    expect(results).toEqual(Array.from({ length: 3 }, () => IPCZ_RESULT_INVALID_ARGUMENT));
    const noFunction = null as unknown as () => void;
    expect(watchBacklog(bench.core, a, 0, noFunction)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    bench.world.runUntilIdle();
    bench.finish(a, b);
  });
});
