/**
 * One step of a story, carried out. A step that does not apply does nothing.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER,
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_PEER_CLOSED,
} from "@ipcz/api";
import { nodeName } from "@ipcz/core/inspect";
import { checkRest } from "./checker.ts";
import { crashNode, cutLine } from "./losses.ts";
import { isIdle, isUnused, type TrapRecord } from "./model.ts";
import type { SimNode } from "./network.ts";
import { performBeginGet, performEndGet, readParcels } from "./perform-get.ts";
import { performBeginPut, performEndPut, performPut } from "./perform-put.ts";
import { comeToRest } from "./rest.ts";
import { closeEnd, expectOk, type Scene, usable } from "./scene.ts";
import type { Step } from "./story.ts";
import { promise } from "./violation.ts";

type StepOf<D extends Step["do"]> = Extract<Step, { readonly do: D }>;

/** Carries out one step. Throws a violation when something is not as promised. */
export function perform(scene: Scene, step: Step): void {
  switch (step.do) {
    case "join":
      join(scene, step);
      return;
    case "open":
      open(scene, step);
      return;
    case "put":
      performPut(scene, step);
      return;
    case "read":
      readParcels(scene, step.end, step.count);
      return;
    case "begin-put":
      performBeginPut(scene, step);
      return;
    case "end-put":
      performEndPut(scene, step);
      return;
    case "begin-get":
      performBeginGet(scene, step);
      return;
    case "end-get":
      performEndGet(scene, step);
      return;
    case "trap":
      trap(scene, step);
      return;
    case "merge":
      merge(scene, step);
      return;
    case "close": {
      const found = usable(scene, step.end);
      if (found) closeEnd(scene, found.end);
      return;
    }
    case "crash":
      crashNode(scene, step.node, step.undelivered);
      return;
    case "cut":
      cutLine(scene, step.node, step.line, step.undelivered);
      return;
    case "refuse":
      refuse(scene, step);
      return;
    case "delay":
      scene.network.world.faults.delay(
        step.percent === 0 ? null : { probability: step.percent / 100, stepsMax: step.stepsMax },
      );
      return;
    case "deliver":
      scene.network.world.runUntilIdle(step.count);
      return;
    case "rest":
      comeToRest(scene);
      checkRest(scene);
      return;
  }
}

function join(scene: Scene, step: StepOf<"join">): void {
  const { network, model } = scene;
  const node = network.alive(step.node);
  const to = network.alive(step.to);
  if (!node || !to || node === to || (step.how !== "brokers" && node.joined)) return;
  if (step.how === "referral" && !mayRefer(scene, to)) return;
  const { world } = network;
  const [line, lineTo] = world.connect(
    node.driver,
    to.driver,
    node.isBroker ? "broker" : "normal",
    // In a referral this end goes on to the broker.
    to.isBroker || step.how === "referral" ? "broker" : "normal",
  );
  if (step.how === "brokers") for (const end of [line, lineTo]) network.brokerLines.add(end);
  const [flags, flagsTo] = connectFlags(step);
  const first = connect(scene, to, lineTo, flagsTo, step.portals);
  const second = connect(scene, node, line, flags, step.portals);
  node.joined = true;
  for (let index = 0; index < step.portals; index++) {
    const a = model.add(step.end + 2 * index, 0, to.index, first?.[index] ?? IPCZ_INVALID_HANDLE);
    const b = model.add(a.id + 1, 0, node.index, second?.[index] ?? IPCZ_INVALID_HANDLE);
    if (!first) a.state = "lost";
    if (!second) b.state = "lost";
    model.join(a, b);
  }
}

/** A node that lost its broker would wait for another one, and the referral with it. */
function mayRefer({ model }: Scene, node: SimNode): boolean {
  return node.joined && (!model.disrupted || nodeName(node.handle) !== null);
}

function connectFlags({ how, delegate }: StepOf<"join">): [node: number, to: number] {
  const asked = delegate ? IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE : 0;
  if (how === "brokers") return [IPCZ_CONNECT_NODE_TO_BROKER, IPCZ_CONNECT_NODE_TO_BROKER];
  if (how === "broker") return [IPCZ_CONNECT_NODE_TO_BROKER | asked, IPCZ_NO_FLAGS];
  return [IPCZ_CONNECT_NODE_INHERIT_BROKER | asked, IPCZ_CONNECT_NODE_SHARE_BROKER];
}

/** Null: refused, which only an allocation that was refused excuses. */
function connect(
  { api, model }: Scene,
  node: SimNode,
  line: IpczDriverHandle,
  flags: number,
  count: number,
): IpczHandle[] | null {
  const portals: IpczHandle[] = Array.from({ length: count }, () => IPCZ_INVALID_HANDLE);
  const result = api.ConnectNode(node.handle, line, count, flags, null, portals);
  if (result !== IPCZ_RESULT_OK && model.disrupted) return null;
  expectOk(result, "ConnectNode");
  return portals;
}

function open({ api, network, model }: Scene, step: StepOf<"open">): void {
  const node = network.alive(step.node);
  if (!node) return;
  const a = { value: IPCZ_INVALID_HANDLE };
  const b = { value: IPCZ_INVALID_HANDLE };
  expectOk(api.OpenPortals(node.handle, 0, null, a, b), "OpenPortals");
  const ends = [a.value, b.value].map((handle, index) =>
    model.add(step.end + index, step.level, node.index, handle),
  );
  const [one, other] = ends;
  if (one && other) model.join(one, other);
}

function trap(scene: Scene, step: StepOf<"trap">): void {
  const found = usable(scene, step.end);
  if (!found) return;
  const record: TrapRecord = { end: step.end, fired: 0 };
  const conditions = {
    size: IPCZ_TRAP_CONDITIONS_SIZE,
    flags: IPCZ_TRAP_PEER_CLOSED | IPCZ_TRAP_DEAD | IPCZ_TRAP_NEW_LOCAL_PARCEL,
    minLocalParcels: 0,
    minLocalBytes: 0,
  };
  const fire = (): void => {
    record.fired++;
  };
  const { handle } = found.end;
  const satisfied = { value: 0 };
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  const result = scene.api.Trap(handle, conditions, fire, record, 0, null, satisfied, status);
  if (result === IPCZ_RESULT_FAILED_PRECONDITION) return;
  expectOk(result, `Trap on ${step.end}`);
  scene.model.traps.push(record);
  found.end.traps.push(record);
}

function merge(scene: Scene, step: StepOf<"merge">): void {
  const { api, model } = scene;
  const a = usable(scene, step.end)?.end;
  const b = usable(scene, step.with)?.end;
  if (!a?.peer || !b?.peer || a === b || a.peer === b || a.node !== b.node) return;
  if (a.level !== b.level || a.level === 0) return;
  for (const end of [a, b]) if (!isUnused(end) || !isIdle(end)) return;
  expectOk(api.MergePortals(a.handle, b.handle, 0, null), `MergePortals of ${a.id} and ${b.id}`);
  model.leave(a, "merged");
  model.leave(b, "merged");
  model.join(a.peer, b.peer);
}

function refuse({ network, model }: Scene, step: StepOf<"refuse">): void {
  const node = network.alive(step.node);
  if (!node) return;
  const { operation, times } = step;
  promise(times > 0, "result", () => "a refusal needs a count");
  network.world.faults.refuse({
    operation,
    driver: node.driver.name,
    times,
    when: () => {
      model.refusals++;
      return true;
    },
  });
}
