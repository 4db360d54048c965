/** Handlers of the application that throw: it is told, and nothing else comes of it. */
import process from "node:process";
import {
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { memWorld } from "@ipcz/driver-mem";
import { close, createNode, get, must, openPortals, put } from "./calls.ts";
import { type Failure, failureOf } from "./failure.ts";
import { flood } from "./flood.ts";
import { HonestNetwork } from "./honest-network.ts";
import { openSystemDriver } from "./open-driver.ts";
import { turn } from "./turn.ts";

/** Counts exceptions that nobody catches, instead of ending with them, until the answer is called. */
function countUncaught(): () => number {
  let count = 0;
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", () => {
    count++;
  });
  let counting = true;
  return () => {
    if (counting) {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener);
    }
    counting = false;
    return count;
  };
}

const ON_PARCEL = {
  size: IPCZ_TRAP_CONDITIONS_SIZE,
  flags: IPCZ_TRAP_NEW_LOCAL_PARCEL,
  minLocalParcels: 0,
  minLocalBytes: 0,
};

/** Every trap handler throws: each exception is reported, each handler runs, parcels go on. */
export async function throwInHandlers(traps: number): Promise<Failure[]> {
  const driver = memWorld({ schedule: "sync" }).driver("node");
  const node = createNode(driver, IPCZ_CREATE_NODE_AS_BROKER);
  const [a, b] = openPortals(node);
  const reported = countUncaught();
  let ran = 0;
  const fail = (): never => {
    ran++;
    throw new Error("thrown on purpose");
  };
  for (let i = 0; i < traps; i++) getAPI().Trap(b, ON_PARCEL, fail, null, 0, null, null, null);
  const first = put(a, new Uint8Array(1));
  const second = put(a, new Uint8Array(2));
  const got = [get(b).bytes.length, get(b).bytes.length];
  for (let i = 0; i < 5; i++) await turn();
  const count = reported();
  for (const handle of [a, b, node]) close(handle);
  const fine = first === 0 && second === 0 && got.join() === "1,2" && ran === traps;
  if (fine && count === traps) return [];
  return [{ attack: 0, what: `${ran} of ${traps} handlers ran, ${count} were reported` }];
}

/** The same for parcels that come over a socket: the connection is not the handler's to lose. */
export async function throwOverLink(parcels: number): Promise<Failure[]> {
  const reported = countUncaught();
  try {
    const ran = await throwForParcels(parcels);
    const count = reported();
    must(ran > 0 && count === ran, `${ran} handlers ran, ${count} were reported`);
    return [];
  } catch (error) {
    return [failureOf(0, error)];
  } finally {
    reported();
  }
}

/** How many handlers ran. */
async function throwForParcels(parcels: number): Promise<number> {
  const network = new HonestNetwork(openSystemDriver());
  await network.begin();
  const { node, near, far } = network.join(1);
  const [a = 0 as IpczHandle] = near;
  const [b = 0 as IpczHandle] = far;
  let ran = 0;
  const arm = (): void => {
    getAPI().Trap(b, ON_PARCEL, fail, null, 0, null, null, null);
  };
  const fail = (): never => {
    ran++;
    arm();
    throw new Error("thrown on purpose");
  };
  arm();
  await flood(a, b, parcels, 50);
  await flood(b, a, parcels, 50);
  await network.check();
  for (const handle of [a, b, node]) close(handle);
  await network.settle();
  network.end();
  return ran;
}
