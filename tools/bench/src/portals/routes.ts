/**
 * Two routes between the same two processes: one that never moved, and one whose far end went there by way of two other
 * processes.
 */
import { isDirectRemote } from "@ipcz/core/inspect";
import { openPair } from "../contestants/ipcz/api.ts";
import type { Member, Network } from "../contestants/ipcz/network.ts";
import { PortalPort } from "../contestants/ipcz/port.ts";
import { nextMessage, type Port } from "../messages/port.ts";
import { roundTrip } from "../messages/work.ts";
import type { Figures, RoutesRequest } from "../protocol.ts";
import { onOneProcessor } from "./keep-together.ts";

/** Turns that each route has in one measurement. */
const TURNS = 8;

export class Routes {
  /** The process at the far end of both. */
  private readonly last: number;
  private readonly direct: Port<Uint8Array>;
  private readonly moved: Port<Uint8Array>;
  private readonly between: readonly Member[];

  private constructor(last: Member, moved: PortalPort, between: readonly Member[]) {
    this.last = last.pid;
    this.direct = last.port;
    this.moved = moved;
    this.between = between;
  }

  /** Resolves when the second route is direct too. */
  static async open(network: Network, last: Member): Promise<Routes> {
    const between = [await network.open(), await network.open()];
    const stops = [...between, last];
    for (const [index, stop] of stops.slice(0, -1).entries()) {
      const [next, previous] = openPair(network.node);
      await stop.calls.call({ call: "next" }, [next]);
      await stops[index + 1]?.calls.call({ call: "obey" }, [previous]);
    }
    const [ours, theirs] = openPair(network.node);
    const moved = new PortalPort(ours, () => {});
    const greeting = nextMessage(moved);
    stops[0]?.calls.send({ call: "pass", hops: between.length }, [theirs]);
    await greeting;
    while (!isDirectRemote(ours)) await new Promise((resolve) => setImmediate(resolve));
    return new Routes(last, moved, between);
  }

  measure(request: RoutesRequest): Promise<Figures> {
    return onOneProcessor(this.last, () => this.takeTurns(request));
  }

  private async takeTurns({ bytes, count }: RoutesRequest): Promise<Figures> {
    const sums = { direct: 0, moved: 0 };
    const each = Math.ceil(count / TURNS);
    for (let turn = 0; turn < TURNS; turn++)
      for (const route of ["direct", "moved"] as const) {
        const { nanoseconds } = await roundTrip(this[route], { bytes, count: each });
        sums[route] += nanoseconds ?? Number.NaN;
      }
    return { direct: sums.direct / TURNS, moved: sums.moved / TURNS };
  }

  async close(): Promise<void> {
    this.moved.close();
    await Promise.all(this.between.map((member) => member.close()));
  }
}
