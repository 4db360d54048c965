/**
 * ipcz as a contestant: messages as all others, and what only it has.
 */
import process from "node:process";
import { Pairs, sendPairs } from "../../portals/bulk.ts";
import { Routes } from "../../portals/routes.ts";
import { pairs, portals } from "../../portals/work.ts";
import type { Answer, IdleRequest, Request } from "../../protocol.ts";
import { MessageProgram } from "../program.ts";
import { type Member, Network } from "./network.ts";

export class IpczProgram extends MessageProgram<Uint8Array, Member> {
  private readonly network: Network;
  private routes: Routes | null = null;

  constructor(variant: string) {
    const network = new Network(variant);
    super(network);
    this.network = network;
  }

  override async answer(request: Request): Promise<Answer> {
    switch (request.work) {
      case "routes": {
        this.routes ??= await Routes.open(this.network, await this.open());
        return { figures: await this.routes.measure(request) };
      }
      case "portals":
        return { figures: { ...(await portals(this.network, await this.open(), request)) } };
      case "pairs":
        return { figures: { ...(await pairs(this.network, await this.open(), request)) } };
      case "idle":
        return { watch: await this.rest(request) };
      case "round-trip":
      case "one-way":
      case "allocation":
      case "start-up":
        return super.answer(request);
    }
  }

  override async close(): Promise<void> {
    await this.routes?.close();
    await super.close();
    this.network.close();
  }

  private async rest({ count }: IdleRequest): Promise<number[]> {
    const member = await this.open();
    const open = new Pairs(count);
    await sendPairs(this.network.node, member, count, "keep", (near) => open.add(near));
    return [process.pid, member.pid];
  }
}
