/**
 * Messages that a driver delivers as a batch are one turn: what follows from them for the application is done once.
 */
import {
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_REMOVED,
  type IpczTransaction,
  type IpczTrapEvent,
} from "@ipcz/api";
import { expect, it } from "vitest";
import { TableBench } from "./table-bench.ts";

const CONDITIONS = {
  size: IPCZ_TRAP_CONDITIONS_SIZE,
  flags: IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  minLocalParcels: 0,
  minLocalBytes: 0,
};

/** Two nodes with a portal each, whose driver delivers up to `batchMax` messages at once. */
function linked(batchMax: number) {
  const bench = new TableBench(0.5, { schedule: "seeded", batchMax });
  const [a, b] = bench.link();
  bench.world.runUntilIdle();
  return { bench, a, b };
}

it.each([
  ["each on its own, one for each", 1, [1, 1, 1, 1]],
  ["in batches of three, one for each batch", 3, [3, 1]],
])("traps see parcels that come %s", (_name, batchMax, seen) => {
  const { bench, a, b } = linked(batchMax);
  const counts: number[] = [];
  const onTrap = ({ status, conditionFlags }: IpczTrapEvent): void => {
    if ((conditionFlags & IPCZ_TRAP_REMOVED) !== 0) return;
    const { parcels } = bench.status(b);
    expect(status.numLocalParcels, "as it was when the first came").toBe(1);
    counts.push(bench.texts(b, parcels).length);
    arm();
  };
  const arm = (): void => {
    const result = bench.api.Trap(b, CONDITIONS, onTrap, null, 0, null, null, null);
    expect(result).toBe(IPCZ_RESULT_OK);
  };
  arm();
  for (const text of ["one", "two", "three", "four"]) bench.put(a, text);
  bench.world.runUntilIdle();
  expect(counts).toEqual(seen);
  bench.close(a, b);
  bench.world.runUntilIdle();
  bench.end();
});

it("a connection that fails in a batch takes nothing more from it", () => {
  const { bench, a, b } = linked(8);
  const [link] = bench.core.node(bench.nodes[1] ?? bench.node)?.links ?? [];
  if (!link) throw new Error("no connection");
  const take = link.onMessage.bind(link);
  link.onMessage = (...message) => {
    const accepted = take(...message);
    link.fail();
    return accepted;
  };
  const takeAt = link.onMessagesAt.bind(link);
  link.onMessagesAt = (...messages) => {
    const next = takeAt(...messages);
    link.fail();
    return next;
  };
  const [c, d] = bench.open();
  bench.put(a, "before");
  bench.put(a, "with a portal", [d]);
  bench.put(a, "with a region", [bench.boxRegion()]);
  bench.world.runUntilIdle();
  expect(bench.status(b)).toMatchObject({ parcels: 1, flags: IPCZ_PORTAL_STATUS_PEER_CLOSED });
  bench.close(a, b, c);
  bench.world.runUntilIdle();
  bench.end();
});

it("a connection that fails takes no plain parcel from its batch any more", () => {
  const { bench, a, b } = linked(8);
  const [link] = bench.core.node(bench.nodes[1] ?? bench.node)?.links ?? [];
  if (!link) throw new Error("no connection");
  const take = link.onMessagesAt.bind(link);
  const answers: number[] = [];
  link.onMessagesAt = (...messages) => {
    const answer = take(...messages);
    answers.push(answer);
    link.fail();
    return answer;
  };
  for (const text of ["before", "after", "and after"]) bench.put(a, text);
  bench.world.runUntilIdle();
  expect(answers).toEqual([1, 0, 0]);
  expect(bench.status(b)).toMatchObject({ parcels: 1, flags: IPCZ_PORTAL_STATUS_PEER_CLOSED });
  bench.close(a, b);
  bench.world.runUntilIdle();
  bench.end();
});

const BUFFER_BYTES = 4096;

it.each([
  ["in its trap handler, where the driver's bytes are still there", true],
  ["later, when the driver has used them for something else", false],
])("what came in one buffer is read %s", (_name, inTrap) => {
  const { bench, a, b } = linked(1000);
  // More than the buffer holds; a driver lends the rest for one call each.
  const texts = Array.from({ length: 60 }, (_, index) => `${index}`.padEnd(1 + (index % 50), "."));
  expect(texts.join("").length + 104 * texts.length).toBeGreaterThan(BUFFER_BYTES);
  let seen: string[] = [];
  const onTrap = (): void => void (seen = bench.texts(b, texts.length));
  if (inTrap) bench.api.Trap(b, CONDITIONS, onTrap, null, 0, null, null, null);
  for (const text of texts) bench.put(a, text);
  bench.world.runUntilIdle();
  if (!inTrap) onTrap();
  expect(seen).toEqual(texts);
  bench.close(a, b);
  bench.world.runUntilIdle();
  bench.end();
});

it("a parcel that is looked at in place stays, when what it came in does not", () => {
  const { bench, a, b } = linked(8);
  const data = { value: null as Uint8Array | null };
  const transaction = { value: 0 as IpczTransaction };
  const onTrap = (): void => {
    const result = bench.api.BeginGet(b, 0, null, data, null, null, null, transaction);
    expect(result).toBe(IPCZ_RESULT_OK);
  };
  bench.api.Trap(b, CONDITIONS, onTrap, null, 0, null, null, null);
  bench.put(a, "looked at");
  bench.put(a, "not yet");
  bench.world.runUntilIdle();
  expect(new TextDecoder().decode(data.value ?? new Uint8Array(0))).toBe("looked at");
  expect(bench.api.EndGet(b, transaction.value, 0, null, null)).toBe(IPCZ_RESULT_OK);
  expect(bench.texts(b, 1)).toEqual(["not yet"]);
  bench.close(a, b);
  bench.world.runUntilIdle();
  bench.end();
});
