/**
 * Crashes and cuts, and what is known of the routes afterwards.
 */
import { inspectNode, nodeName } from "@ipcz/core/inspect";
import type { Scene } from "./scene.ts";
import type { Undelivered } from "./story.ts";

/** A node's process dies, and all its portals with it. */
export function crashNode(scene: Scene, index: number, undelivered: Undelivered): void {
  const { network, model, api } = scene;
  const node = network.alive(index);
  if (!node) return;
  model.broken = true;
  network.crash(node, undelivered);
  for (const end of model.allHeld()) {
    if (end.node !== index) continue;
    api.Close(end.handle, 0, null);
    model.leave(end, "lost");
  }
}

/** One of a node's lines breaks. */
export function cutLine(
  { network, model }: Scene,
  index: number,
  line: number,
  undelivered: Undelivered,
): void {
  const node = network.alive(index);
  const what = node ? network.cut(node, line, undelivered) : "nothing";
  if (what === "nothing") return;
  model.broken = true;
  if (what === "brokers") model.brokersApart = true;
}

/**
 * Ends nodes that were never named, or lost their broker, and keep others waiting for one: nothing else ends that
 * wait. True: there were some.
 */
export function endForsaken(scene: Scene): boolean {
  const { network, model } = scene;
  if (!model.disrupted) return false;
  let isAny = false;
  for (const { index, handle, crashed } of network.nodes) {
    if (crashed || nodeName(handle) !== null || inspectNode(handle)?.pending === 0) continue;
    crashNode(scene, index, "keep");
    isAny = true;
  }
  return isAny;
}
