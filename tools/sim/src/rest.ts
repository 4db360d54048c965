/**
 * Brings a network to rest: everything is delivered, everything that can be read is read.
 */
import { endForsaken } from "./losses.ts";
import { performEndGet, readParcels } from "./perform-get.ts";
import { performEndPut } from "./perform-put.ts";
import type { Scene } from "./scene.ts";
import { promise } from "./violation.ts";

/** Deliveries after which a network counts as restless. */
const DELIVERIES_MAX = 200_000;

/** Ends what is pending, delivers and reads until nothing is left to do. */
export function comeToRest(scene: Scene): void {
  for (const end of scene.model.allHeld()) {
    while (end.puts.length > 0) performEndPut(scene, { do: "end-put", end: end.id, abort: true });
    while (end.get !== null || end.overlapped.length > 0)
      performEndGet(scene, { do: "end-get", end: end.id, abort: false });
  }
  scene.network.sabotage?.release?.();
  for (let busy = true; busy;) {
    deliverAll(scene);
    busy = false;
    for (const end of scene.model.allHeld())
      if (readParcels(scene, end.id, Infinity) > 0) busy = true;
    if (!busy) busy = endForsaken(scene);
  }
  // What is under way now never arrives.
  for (const end of scene.model.ends.values()) if (end.state === "moving") end.state = "lost";
}

/** Delivers until nothing is under way. */
export function deliverAll({ network }: Scene): void {
  const count = network.world.runUntilIdle(DELIVERIES_MAX);
  promise(count < DELIVERIES_MAX, "restless", () => `${count} deliveries, and no end`);
}
