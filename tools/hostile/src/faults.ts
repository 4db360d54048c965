/**
 * Faults of the surroundings: memory and mappings refused, sends that fail, handlers of the application that throw.
 */
import process from "node:process";
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { type MemOperation, memWorld, SeededRandom } from "@ipcz/driver-mem";
import { Application } from "./application.ts";
import { close, connect, createNode, get, must, openPortals, put } from "./calls.ts";
import type { Failure } from "./campaign.ts";
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
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failures.push({ attack: link, what: `${driver} ${operation}: ${what}` });
      world.faults.clear();
    }
  }
  close(victim);
  close(honest);
  return failures;
}

/** Every trap handler throws: each exception is reported, each handler runs, parcels go on. */
export async function throwInHandlers(traps: number): Promise<Failure[]> {
  const driver = memWorld({ schedule: "sync" }).driver("node");
  const node = createNode(driver, IPCZ_CREATE_NODE_AS_BROKER);
  const [a, b] = openPortals(node);
  let reported = 0;
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", () => {
    reported++;
  });
  const conditions = {
    size: IPCZ_TRAP_CONDITIONS_SIZE,
    flags: IPCZ_TRAP_NEW_LOCAL_PARCEL,
    minLocalParcels: 0,
    minLocalBytes: 0,
  };
  let ran = 0;
  const fail = (): never => {
    ran++;
    throw new Error("thrown on purpose");
  };
  for (let i = 0; i < traps; i++) getAPI().Trap(b, conditions, fail, null, 0, null, null, null);
  const first = put(a, new Uint8Array(1));
  const second = put(a, new Uint8Array(2));
  const got = [get(b).bytes.length, get(b).bytes.length];
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners("uncaughtException");
  for (const listener of others) process.on("uncaughtException", listener);
  for (const handle of [a, b, node]) close(handle);
  const fine = first === 0 && second === 0 && got.join() === "1,2" && ran === traps;
  if (fine && reported === traps) return [];
  return [{ attack: 0, what: `${ran} of ${traps} handlers ran, ${reported} were reported` }];
}
