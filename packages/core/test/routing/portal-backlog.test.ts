/**
 * Who is asked to tell when a portal's backlog shrinks, while its route changes.
 */
import {
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { BacklogWatches } from "../../src/routing/portal-backlog.ts";
import type { NetNode } from "../links/net-node.ts";
import { Bench, parcelOf } from "./bench.ts";

/** A driver's backlogs, which are what the test says. */
class Backlogs implements IpczDriverBacklog {
  readonly bytes = new Map<IpczDriverHandle, number>();
  readonly watches: { transport: IpczDriverHandle; handler: () => void }[] = [];

  GetTransportBacklog(transport: IpczDriverHandle): number {
    return this.bytes.get(transport) ?? 0;
  }

  WatchTransportBacklog(
    transport: IpczDriverHandle,
    numBytes: number,
    handler: () => void,
  ): IpczResult {
    if (this.GetTransportBacklog(transport) <= numBytes) return IPCZ_RESULT_FAILED_PRECONDITION;
    this.watches.push({ transport, handler });
    return IPCZ_RESULT_OK;
  }

  drain(transport: IpczDriverHandle): void {
    this.bytes.delete(transport);
    for (const watch of this.watches.splice(0))
      if (watch.transport === transport) watch.handler();
      else this.watches.push(watch);
  }
}

function setup() {
  const bench = new Bench();
  const backlogs = new Backlogs();
  const driver: { -readonly [K in keyof IpczDriver]: IpczDriver[K] } = bench.node.driver;
  driver.backlog = backlogs;
  const { router } = bench.terminal(bench.p);
  const watches = new BacklogWatches(router);
  router.backlogWatches = watches;
  const told: string[] = [];
  return {
    bench,
    backlogs,
    router,
    told,
    watch: () => bench.node.call(() => watches.add(0, () => told.push("told"))),
    transportTo: (node: NetNode) => bench.node.linkTo(node).transportHandle,
  };
}

describe("a watch of a portal's backlog", () => {
  it("goes over to the new connection when the route is replaced, and is told once", () => {
    const { bench, backlogs, router, told, watch, transportTo } = setup();
    const [toP, toQ] = [transportTo(bench.p), transportTo(bench.q)];
    backlogs.bytes.set(toP, 5).set(toQ, 5);
    watch();
    expect(backlogs.watches.map(({ transport }) => transport)).toEqual([toP]);
    router.outward.beginDecay(0, null);
    router.outward.install(bench.central(router, bench.q).link);
    bench.handle(() => router.settle(false));
    expect(backlogs.watches.map(({ transport }) => transport)).toEqual([toP, toQ]);
    backlogs.drain(toP);
    expect([told, backlogs.watches.length], "Q is asked once").toEqual([[], 1]);
    backlogs.drain(toQ);
    expect(told).toEqual(["told"]);
  });

  it("waits for the portal's own queue when the connection has nothing to tell", () => {
    const { bench, backlogs, router, told, watch } = setup();
    router.outward.beginDecay(0, null);
    router.outbound.push(0, parcelOf("waits for the new link", 0));
    watch();
    expect([told, backlogs.watches]).toEqual([[], []]);
    router.outward.install(bench.central(router, bench.q).link);
    bench.handle(() => router.settle(false));
    expect(told).toEqual(["told"]);
  });
});
