/**
 * The work of a random network's applications: parcels, moving portals, merges, closures, as the seed says.
 *
 * Portals travel only in parcels of routes of a lower level, so that no parcel ever holds itself.
 */
import { mergeObstacle, mergeRoutes } from "../../src/routing/merge.ts";
import { canSend } from "../../src/routing/outbound.ts";
import { readAll, send } from "./random-parcels.ts";
import type { RandomScene } from "./random-scene.ts";

/** Does one thing, if what the seed chooses is possible. */
export function act(scene: RandomScene): void {
  const kind = scene.random.below(100);
  if (kind < 26) put(scene);
  else if (kind < 60) move(scene);
  else if (kind < 80) read(scene);
  else if (kind < 88) open(scene);
  else if (kind < 96) merge(scene);
  else close(scene);
}

function put(scene: RandomScene): void {
  // Ends that were never used can be merged.
  const used = scene.random.chance(0.7);
  const end = scene.held((held) => !used || held.sent + held.got > 0) ?? scene.held();
  const count = 1 + scene.random.below(3);
  for (let index = 0; end && index < count; index++) {
    const boxes = scene.random.chance(0.15) ? [end.node.box()] : [];
    send(scene, end, [], boxes);
  }
}

/** Sends a portal over a route of a lower level. */
function move(scene: RandomScene): void {
  const moved = scene.held((end) => end.level > 0);
  if (!moved) return;
  const carrier = scene.held(
    (end) =>
      end.node === moved.node && end.level < moved.level && canSend(end.router, moved.router),
  );
  if (!carrier) return;
  const with2 = scene.random.chance(0.15) ? moved.peer : null;
  const both = with2?.state === "held" && with2.node === moved.node ? [moved, with2] : [moved];
  if (scene.random.chance(0.2)) send(scene, carrier, both, [], true);
  else send(scene, carrier, both, scene.random.chance(0.2) ? [carrier.node.box()] : []);
}

function read(scene: RandomScene): void {
  const end = scene.held((held) => held.router.localParcels > 0);
  if (end) readAll(scene, end);
}

function open(scene: RandomScene): void {
  const nodes = scene.aliveNodes();
  const node = nodes[scene.random.below(nodes.length)];
  if (!node || scene.ends.length > 120) return;
  const level = 1 + scene.random.below(2);
  const [a, b] = node.pair();
  scene.join(scene.add(node, a, level), scene.add(node, b, level));
}

function merge(scene: RandomScene): void {
  if (scene.options.merges !== true) return;
  const a = scene.held((end) => end.level > 0 && end.sent === 0 && end.got === 0);
  if (!a) return;
  const b = scene.held(
    (end) =>
      end.node === a.node &&
      end.level === a.level &&
      end !== a.peer &&
      mergeObstacle(a.router, end.router) === null,
  );
  if (!b?.peer || !a.peer) return;
  scene.log.push(`${a.node.label} merges ${a.id} and ${b.id}`);
  a.node.call(() => {
    mergeRoutes(a.router, b.router);
    a.router.release();
    b.router.release();
  });
  a.state = "merged";
  b.state = "merged";
  scene.join(a.peer, b.peer);
}

function close(scene: RandomScene): void {
  if (scene.options.closes !== true) return;
  const end = scene.held((held) => held.level > 0);
  if (!end) return;
  scene.log.push(`${end.node.label} closes ${end.id}`);
  end.state = "closed";
  end.node.close(end.router);
}
