/**
 * Puts, in one call and in two phases. Twin of perform-get.ts.
 */
import {
  IPCZ_BEGIN_PUT_ALLOW_PARTIAL,
  IPCZ_END_PUT_ABORT,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  type IpczResult,
  type IpczTransaction,
} from "@ipcz/api";
import { boxHolder, boxMemory } from "./boxes.ts";
import { type End, isIdle } from "./model.ts";
import type { SimNode } from "./network.ts";
import { payloadBytes, writePayload } from "./payload.ts";
import { expectOk, nameOf, type Scene, usable } from "./scene.ts";
import type { Step } from "./story.ts";
import { promise, Violation } from "./violation.ts";

type PutStep = Extract<Step, { readonly do: "put" }>;

/** Puts one parcel. */
export function performPut(scene: Scene, step: PutStep): void {
  const found = usable(scene, step.end);
  if (!found) return;
  const { end, node } = found;
  const portals = findPortals(scene, end, step.portals);
  if (!portals) return;
  const boxes = makeBoxes(scene, node, step.boxes);
  const carried = portals.map(({ handle }) =>
    step.wrapped ? boxHolder(scene.api, node, handle) : handle,
  );
  const bytes = new Uint8Array(payloadBytes(portals.length) + step.bytes);
  writePayload(bytes, {
    sender: end.id,
    number: end.sent,
    portals: portals.map(({ id }) => id),
    wrapped: step.wrapped,
    boxes: boxes.length,
  });
  const handles = [...carried, ...boxes];
  const result = scene.api.Put(end.handle, bytes, bytes.length, handles, handles.length, 0, null);
  if (wasSent(scene, end, result, "Put")) {
    for (const portal of portals) scene.model.leave(portal, "moving");
    return;
  }
  for (const box of boxes) expectOk(scene.api.Close(box, 0, null), "Close of a box");
  if (step.wrapped) takeBack(scene, portals, carried);
}

/** Begins a two-phase put. */
export function performBeginPut(
  scene: Scene,
  step: Extract<Step, { readonly do: "begin-put" }>,
): void {
  const found = usable(scene, step.end);
  if (!found) return;
  const { end } = found;
  const room: { value: Uint8Array | null } = { value: null };
  const size = { value: payloadBytes(0) + step.bytes };
  const transaction = { value: 0 as IpczTransaction };
  const flags = step.bytes > 4096 ? IPCZ_BEGIN_PUT_ALLOW_PARTIAL : 0;
  const result = scene.api.BeginPut(end.handle, flags, null, room, size, transaction);
  if (result === IPCZ_RESULT_NOT_FOUND) {
    expectNoPeer(scene, end, "BeginPut");
    return;
  }
  expectOk(result, `BeginPut into ${end.id}`);
  const bytes = room.value;
  promise(
    bytes !== null && size.value >= payloadBytes(0),
    "result",
    () => `BeginPut gives ${size.value} bytes`,
  );
  const wanted = Math.min(size.value, payloadBytes(0) + step.bytes);
  end.puts.push({ transaction: transaction.value, room: bytes, bytes: wanted });
}

/** Ends the oldest two-phase put that was begun. */
export function performEndPut(scene: Scene, step: Extract<Step, { readonly do: "end-put" }>): void {
  const found = usable(scene, step.end);
  const pending = found?.end.puts.shift();
  if (!found || !pending) return;
  const { end } = found;
  const target = pending.room.subarray(0, pending.bytes);
  const payload = { sender: end.id, number: end.sent, portals: [], wrapped: false, boxes: 0 };
  writePayload(target, payload);
  const flags = step.abort ? IPCZ_END_PUT_ABORT : 0;
  const { transaction, bytes } = pending;
  const result = scene.api.EndPut(end.handle, transaction, bytes, null, 0, flags, null);
  if (step.abort) expectOk(result, `EndPut of ${end.id}`);
  else wasSent(scene, end, result, "EndPut");
}

/** The portals of these numbers, if all of them may travel from `carrier`. */
function findPortals(scene: Scene, carrier: End, ids: readonly number[]): End[] | null {
  const portals: End[] = [];
  for (const id of ids) {
    const portal = scene.model.held(id);
    if (!portal || portal.node !== carrier.node || portal.level <= carrier.level) return null;
    if (!isIdle(portal)) return null;
    portals.push(portal);
  }
  return portals;
}

function makeBoxes({ api }: Scene, node: SimNode, count: number): IpczHandle[] {
  const boxes: IpczHandle[] = [];
  for (let index = 0; index < count; index++) {
    const box = index % 2 === 0 ? boxMemory(api, node) : boxHolder(api, node, IPCZ_INVALID_HANDLE);
    if (box !== null) boxes.push(box);
  }
  return boxes;
}

/** Portals that were wrapped for a parcel that was refused: their boxes are closed, and they with them. */
function takeBack(scene: Scene, portals: readonly End[], boxes: readonly IpczHandle[]): void {
  for (const box of boxes) expectOk(scene.api.Close(box, 0, null), "Close of a box");
  for (const portal of portals) scene.model.leave(portal, "closed");
}

/** Writes down the outcome of a put. */
function wasSent(scene: Scene, end: End, result: IpczResult, call: string): boolean {
  if (result === IPCZ_RESULT_NOT_FOUND) {
    expectNoPeer(scene, end, call);
    return false;
  }
  promise(result === IPCZ_RESULT_OK, "result", () => `${call} into ${end.id}: ${nameOf(result)}`);
  end.sent++;
  return true;
}

/** A portal may say that its peer is gone only if that can be. */
function expectNoPeer({ model }: Scene, end: End, call: string): void {
  const { peer } = end;
  if (model.disrupted || peer === null || peer.state !== "held") return;
  throw new Violation("cut-off", `${call}: ${end.id} has lost ${peer.id}, which is there`);
}
