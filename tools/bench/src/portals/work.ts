/**
 * The work with portals; times in nanoseconds per pair.
 */
import type { IpczHandle } from "@ipcz/api";
import { close, openPair, put } from "../contestants/ipcz/api.ts";
import type { Member, Network } from "../contestants/ipcz/network.ts";
import { makePayload, PAYLOAD } from "../messages/port.ts";
import { roundTrip } from "../messages/work.ts";
import type { PairsFigures, PairsRequest, PortalsFigures, PortalsRequest } from "../protocol.ts";
import { Pairs, sendPairs } from "./bulk.ts";
import { onOneProcessor } from "./keep-together.ts";
import { type Memory, settledMemory } from "./memory.ts";

const FIRST_PARCEL = makePayload(PAYLOAD, 64);
/** Pairs made and closed before anything is measured: code is compiled, memory for link states is there. */
const WARM_UP_PAIRS = 5000;
const ROUND_TRIPS = { bytes: 64, count: 2000 };

export async function portals(
  { node }: Network,
  member: Member,
  { count }: PortalsRequest,
): Promise<PortalsFigures> {
  const perPair = async (work: () => Promise<void> | void): Promise<number> => {
    const startedAt = performance.now();
    await work();
    return ((performance.now() - startedAt) * 1e6) / count;
  };
  const sent = new Pairs(Math.max(count, WARM_UP_PAIRS));
  const transferAll = (number: number): Promise<void> =>
    sendPairs(node, member, number, "keep", (near) => sent.add(near));
  const sendFirsts = (number: number): Promise<void> =>
    sendPairs(node, member, number, "firsts", (near) => {
      put(near, FIRST_PARCEL, []);
      close(near);
    });
  await transferAll(WARM_UP_PAIRS);
  await sent.close(member);
  await sendFirsts(WARM_UP_PAIRS);
  const local = new Float64Array(2 * count);
  const open = await perPair(() => {
    for (let index = 0; index < local.length; index += 2)
      [local[index], local[index + 1]] = openPair(node);
  });
  for (const handle of local) close(handle as IpczHandle);
  const transfer = await perPair(() => transferAll(count));
  const closing = await perPair(() => sent.close(member));
  const first = await perPair(() => sendFirsts(count));
  return { open, transfer, close: closing, first };
}

export async function pairs(
  { node }: Network,
  member: Member,
  { count }: PairsRequest,
): Promise<PairsFigures> {
  const all = new Pairs(Math.max(count, WARM_UP_PAIRS));
  const open = (number: number): Promise<void> =>
    sendPairs(node, member, number, "keep", (near) => all.add(near));
  await open(Math.min(count, WARM_UP_PAIRS));
  await all.close(member);
  await roundTrip(member.port, ROUND_TRIPS);
  const before = await bothMemories(member);
  const roundTripBefore = await roundTripTo(member);
  const openMs = await timed(() => open(count));
  const during = await bothMemories(member);
  const roundTripDuring = await roundTripTo(member);
  const closeMs = await timed(() => all.close(member));
  const after = await bothMemories(member);
  const grown = (end: "near" | "far", what: keyof Memory, now: Both): number =>
    (now[end][what] - before[end][what]) / count;
  return {
    openNanoseconds: (openMs * 1e6) / count,
    closeNanoseconds: (closeMs * 1e6) / count,
    heapNear: grown("near", "heap", during),
    heapFar: grown("far", "heap", during),
    privateNear: grown("near", "private", during),
    privateFar: grown("far", "private", during),
    shared: grown("near", "shared", during),
    leftNear: grown("near", "heap", after),
    leftFar: grown("far", "heap", after),
    leftPrivateNear: grown("near", "private", after),
    leftPrivateFar: grown("far", "private", after),
    roundTripBefore,
    roundTripDuring,
  };
}

/** Nanoseconds. What was done before may have cost the code its compilation: there is a first time that is not counted. */
async function roundTripTo({ pid, port }: Member): Promise<number> {
  return onOneProcessor(pid, async () => {
    await roundTrip(port, ROUND_TRIPS);
    const { nanoseconds } = await roundTrip(port, ROUND_TRIPS);
    return nanoseconds ?? Number.NaN;
  });
}

interface Both {
  readonly near: Memory;
  readonly far: Memory;
}

async function bothMemories({ calls }: Member): Promise<Both> {
  const { memory: far } = await calls.call({ call: "memory" });
  if (!far) throw new Error("the far process did not say how much memory it uses");
  return { near: await settledMemory(), far };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
