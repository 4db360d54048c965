/** Drivers that refuse: memory, mappings, transports, sends. Seeded, inside one process. */
import { IPCZ_CONNECT_NODE_TO_BROKER, IPCZ_CREATE_NODE_AS_BROKER } from "@ipcz/api";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { type MemOperation, memWorld, SeededRandom } from "@ipcz/driver-mem";
import { Application } from "./application.ts";
import { close, connect, createNode, must } from "./calls.ts";
import { type Failure, failureOf } from "./failure.ts";
import { HonestPair } from "./honest.ts";

const STEPS = 60;

/** What runs out where. The victim's own sends are left alone: its honest link uses them too. */
const REFUSED: readonly (readonly [driver: string, operation: MemOperation])[] = [
  ["victim", "AllocateSharedMemory"],
  ["victim", "DuplicateSharedMemory"],
  ["other", "ActivateTransport"],
  ["other", "AllocateSharedMemory"],
  ["other", "CreateTransports"],
  ["other", "Deserialize"],
  ["other", "MapSharedMemory"],
  ["other", "Serialize"],
  ["other", "Transmit"],
  ["other", "Travel"],
];

/** Links to a node whose driver refuses `REFUSED` calls now and then. */
export function refuseThings(seed: number, links: number): Failure[] {
  const failures: Failure[] = [];
  const world = memWorld({ schedule: "sync", seed });
  const [near, far, other] = [
    world.driver("victim"),
    world.driver("honest"),
    world.driver("other"),
  ];
  const victim = createNode(near, IPCZ_CREATE_NODE_AS_BROKER);
  const honest = createNode(far, 0);
  const [ours, theirs] = world.connect(near, far);
  const [a] = connect(victim, ours, 1, 0);
  const [b] = connect(honest, theirs, 1, IPCZ_CONNECT_NODE_TO_BROKER);
  must(a !== undefined && b !== undefined, "honest nodes connect");
  const pair = new HonestPair(victim, a, b);
  pair.checkTransfer();
  const level = (): string => {
    const { transports, memories } = world.liveObjects();
    return `${liveRouters()} routers, ${openHandles()} handles, ${transports} transports, ${memories} memories`;
  };
  const baseline = level();
  for (let link = 0; link < links && failures.length < 3; link++) {
    const random = new SeededRandom(seed * 65_536 + link, 12);
    const [driver, operation] = REFUSED[link % REFUSED.length] ?? (["other", "Transmit"] as const);
    world.faults.refuse({ driver, operation, probability: 0.3, skip: random.below(6) });
    try {
      const node = createNode(other, 0);
      const [t0, t1] = world.connect(near, other);
      const one = new Application(victim, connect(victim, t0, 3, 0), random, false);
      const flags = IPCZ_CONNECT_NODE_TO_BROKER;
      const two = new Application(node, connect(node, t1, 3, flags), random, false);
      for (let i = 0; i < STEPS; i++) {
        one.step();
        two.step();
      }
      world.faults.clear();
      pair.check();
      one.end();
      two.end();
      close(node);
      pair.checkTransfer();
      must(level() === baseline, `something is left behind: ${level()} instead of ${baseline}`);
    } catch (error) {
      failures.push(failureOf(link, error, `${driver} ${operation}`));
      world.faults.clear();
    }
  }
  close(victim);
  close(honest);
  return failures;
}
