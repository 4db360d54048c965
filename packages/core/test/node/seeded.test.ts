/**
 * Two networks under a random order of deliveries, with links that break and nodes that end in the middle of it:
 * every question gets its answer, and nothing is left over.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import { expect, it } from "vitest";
import { IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_DELEGATE } from "@ipcz/api";
import { Network, type TestNode } from "./network.ts";

const SEEDS = Array.from({ length: 40 }, (_, index) => 1000 + index);

/** What may happen between two steps. Each use of chance comes from `random`. */
function disturb(
  net: Network,
  random: SeededRandom,
  asked: { count: number; answers: number },
): void {
  const pick = <T>(list: readonly T[]): T | undefined => list[random.below(list.length)];
  const node = pick(net.nodes) as TestNode;
  const chance = random.below(100);
  if (chance < 60) {
    const name = pick(net.nodes)?.node.name;
    if (name === undefined) return;
    asked.count++;
    node.call(() => node.node.establish(name, () => asked.answers++));
  } else if (chance < 64) {
    const link = node.node.links[random.below(Math.max(1, node.node.links.length))];
    if (link) node.driver.cut(link.transportHandle, "prefix");
  } else if (chance < 66) node.close();
  else if (chance < 68) net.world.faults.refuse({ operation: "AllocateSharedMemory", times: 1 });
  else if (chance < 70) net.world.faults.refuse({ operation: "CreateTransports", times: 1 });
}

it.each(SEEDS)("nodes ask, break and end, and nothing is left (seed %i)", (seed) => {
  const net = new Network({ schedule: "seeded", seed, forceRelay: seed % 2 === 0 });
  const random = new SeededRandom(seed, 77);
  const brokers = [net.broker("A", { memV2: true }), net.broker("B")] as const;
  const [c, d, e] = [net.add("C", { memV2: true }), net.add("D"), net.add("E", { memV2: true })];
  net.joinBrokers(...brokers);
  net.join(brokers[0], c, { flags: TO_DELEGATE });
  net.join(brokers[1], d);
  const [t0, t1] = net.pair(c, e);
  e.connect(t1, 0x2);
  c.connect(t0, 0x4);
  const asked = { count: 0, answers: 0 };
  for (let round = 0; round < 60; round++) {
    disturb(net, random, asked);
    for (let step = random.below(6); step > 0; step--) net.world.step();
  }
  net.end();
  expect({ seed, answers: asked.answers }).toEqual({ seed, answers: asked.count });
});
