/**
 * Gets, in one call and in two phases, and what is known of every parcel. Twin of perform-put.ts.
 */
import {
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_END_GET_ABORT,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczTransaction,
} from "@ipcz/api";
import { openBox } from "./boxes.ts";
import type { End, PendingGet } from "./model.ts";
import type { SimNode } from "./network.ts";
import { type Payload, readPayload } from "./payload.ts";
import { arrive, expectOk, type Scene, usable } from "./scene.ts";
import type { Step } from "./story.ts";
import { promise, Violation } from "./violation.ts";

/** Most handles in one parcel of ours. */
const HANDLES_MAX = 16;

/** Takes out up to `count` parcels; the number of those there were. */
export function readParcels(scene: Scene, id: number, count: number): number {
  let taken = 0;
  for (let found = usable(scene, id); found && taken < count; found = usable(scene, id)) {
    if (!readParcel(scene, found.end, found.node)) break;
    taken++;
  }
  return taken;
}

/** Begins a two-phase get; what is attached arrives at once. */
export function performBeginGet(
  scene: Scene,
  step: Extract<Step, { readonly do: "begin-get" }>,
): void {
  const found = usable(scene, step.end);
  if (!found) return;
  const { end, node } = found;
  const flags = step.overlapped ? IPCZ_BEGIN_GET_OVERLAPPED : 0;
  const data: { value: Uint8Array | null } = { value: null };
  const size = { value: 0 };
  const handles: IpczHandle[] = Array.from({ length: HANDLES_MAX }, () => IPCZ_INVALID_HANDLE);
  const handleCount = { value: HANDLES_MAX };
  const transaction = { value: 0 as IpczTransaction };
  const result = scene.api.BeginGet(
    end.handle,
    flags,
    null,
    data,
    size,
    handles,
    handleCount,
    transaction,
  );
  if (result === IPCZ_RESULT_ALREADY_EXISTS && end.overlapped.length > 0 && !step.overlapped)
    return;
  if (!hasParcel(scene, end, result, "BeginGet")) return;
  const view = data.value?.subarray(0, size.value) ?? new Uint8Array(0);
  const pending: PendingGet = { transaction: transaction.value, data: view, seen: view.slice() };
  accept(scene, end, node, pending.seen, handles.slice(0, handleCount.value));
  if (step.overlapped) {
    end.got++;
    end.stripped = -1;
    end.overlapped.push(pending);
  } else {
    end.stripped = end.got;
    end.get = pending;
  }
}

/** Ends the exclusive get that is pending, or else the oldest overlapped one. */
export function performEndGet(scene: Scene, step: Extract<Step, { readonly do: "end-get" }>): void {
  const found = usable(scene, step.end);
  if (!found) return;
  const { end } = found;
  const exclusive = end.get;
  const pending = exclusive ?? end.overlapped.shift();
  if (!pending) return;
  const { data, seen, transaction } = pending;
  const isSame = data.every((byte, at) => byte === seen[at]);
  promise(isSame, "corrupt", () => `a parcel changes while ${end.id} reads it`);
  const flags = step.abort ? IPCZ_END_GET_ABORT : 0;
  const result = scene.api.EndGet(end.handle, transaction, flags, null, null);
  expectOk(result, `EndGet of ${end.id}`);
  if (!exclusive) return;
  end.get = null;
  if (step.abort) return;
  end.got++;
  end.stripped = -1;
}

function readParcel(scene: Scene, end: End, node: SimNode): boolean {
  const { api } = scene;
  const size = { value: 0 };
  const handleCount = { value: 0 };
  // Every parcel of ours has bytes, so that asking for none tells how many there are.
  const asked = api.Get(end.handle, 0, null, null, size, null, handleCount, null);
  if (asked !== IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    if (hasParcel(scene, end, asked, "Get"))
      throw new Violation("corrupt", `${end.id} got an empty parcel`);
    return false;
  }
  const bytes = new Uint8Array(size.value);
  const handles: IpczHandle[] = Array.from(
    { length: handleCount.value },
    () => IPCZ_INVALID_HANDLE,
  );
  expectOk(api.Get(end.handle, 0, null, bytes, size, handles, handleCount, null), "Get");
  accept(scene, end, node, bytes, handles);
  end.got++;
  end.stripped = -1;
  return true;
}

/** Whether a get found a parcel; if not, whether that can be. */
function hasParcel(scene: Scene, end: End, result: number, call: string): boolean {
  if (result === IPCZ_RESULT_UNAVAILABLE) return false;
  if (result === IPCZ_RESULT_ALREADY_EXISTS && end.get) return false;
  if (result === IPCZ_RESULT_NOT_FOUND) {
    expectDead(scene, end);
    return false;
  }
  expectOk(result, `${call} from ${end.id}`);
  return true;
}

/** A portal may say that nothing will come any more only if that is so. */
function expectDead({ model }: Scene, end: End): void {
  const { peer } = end;
  if (model.disrupted || peer === null) return;
  promise(peer.state !== "held", "cut-off", () => `${end.id} is dead, and ${peer.id} is there`);
  const { id, got } = end;
  promise(got === peer.sent, "lost", () => `${id} is dead with ${got} of ${peer.sent} parcels`);
}

/** Checks a parcel against what is known of its route, and takes what is attached. */
function accept(
  scene: Scene,
  end: End,
  node: SimNode,
  bytes: Uint8Array,
  handles: readonly IpczHandle[],
): void {
  const payload = readPayload(bytes);
  const { sender, number, portals, boxes } = payload;
  scene.note(`${end.id} gets ${sender}/${number}`);
  const what = `end ${end.id} got ${sender}/${number}`;
  promise(sender === end.peer?.id, "stray", () => `${what}, its peer is ${end.peer?.id}`);
  promise(number >= end.got, "doubled", () => `${what}, but had that already`);
  promise(number === end.got, "reordered", () => `${what} instead of ${end.got}`);
  const isStripped = end.stripped === number;
  const expected = isStripped ? 0 : portals.length + boxes;
  promise(
    handles.length === expected,
    isStripped ? "doubled" : "lost",
    () => `${what} with ${handles.length} attachments instead of ${expected}`,
  );
  if (!isStripped) takeAttachments(scene, node, payload, handles);
}

function takeAttachments(
  scene: Scene,
  node: SimNode,
  { portals, wrapped }: Payload,
  handles: readonly IpczHandle[],
): void {
  for (const [index, handle] of handles.entries()) {
    const isPortal = index < portals.length;
    const arrived = isPortal && !wrapped ? handle : openBox(scene.api, node, handle);
    if (!isPortal) continue;
    const portal = scene.model.ends.get(portals[index] ?? -1);
    promise(
      arrived !== IPCZ_INVALID_HANDLE && portal?.state === "moving",
      "lost",
      () => `portal ${portals[index] ?? -1} does not arrive, or arrives twice`,
    );
    arrive(portal, node, arrived);
  }
}
