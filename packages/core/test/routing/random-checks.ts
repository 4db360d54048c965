/**
 * What a random network has promised, checked when it has come to rest.
 */
import { blocksInUse } from "../links/blocks.ts";
import { assertThat } from "./assert-that.ts";
import type { End, RandomScene } from "./random-scene.ts";

/** Two ends of a route know the same of it and are joined directly; one that lost its peer knows that. */
export function checkRoutes(scene: RandomScene): void {
  assertThat(scene.net.queue.refusals.length === 0, scene.net.queue.refusals.join("; "));
  for (const end of scene.ends) {
    if (end.state !== "held" || end.node.isCrashed || !end.peer) continue;
    const { peer } = end;
    if (peer.state === "held" && !peer.node.isCrashed) checkPair(scene, end, peer);
    else checkBereft(scene, end, peer);
  }
}

function checkPair(scene: RandomScene, end: End, peer: End): void {
  const isCut = end.router.isPeerClosed;
  assertThat(isCut === peer.router.isPeerClosed, `only one of ${end.id}, ${peer.id} is cut off`);
  if (isCut) {
    assertThat(scene.mayLose, `${end.id} and ${peer.id} were cut off`);
    assertThat(end.router.isDead, `${end.id} is cut off and drained, but not dead`);
    assertThat(end.got <= peer.sent, `${end.id} got too much`);
    return;
  }
  assertThat(end.got === peer.sent, `${end.id} got ${end.got} of ${peer.sent}`);
  if (scene.options.refusals !== true) checkDirect(end, peer);
}

function checkDirect({ id, router, node }: End, peer: End): void {
  const { primary } = router.outward;
  const direct = router.isTerminal && router.outward.isStable && primary?.type === "central";
  assertThat(direct, `the route of ${id} is not direct`);
  const far = primary.kind === "local" ? router.localPeer : null;
  if (primary.kind === "local") assertThat(far === peer.router, `${id} has another's peer`);
  else {
    assertThat(primary.node.remoteName === peer.node.name, `${id} leads to another node`);
    const back = peer.node.linkTo(node).linkAt(primary.sublink);
    assertThat(back?.router === peer.router, `${id} and ${peer.id} are not joined`);
    assertThat(back === peer.router.outward.primary, `${peer.id} uses another link`);
  }
}

function checkBereft(scene: RandomScene, end: End, peer: End): void {
  if (scene.options.refusals === true && !end.router.isPeerClosed) return;
  assertThat(end.router.isPeerClosed, `${end.id} does not know that ${peer.id} is gone`);
  assertThat(end.router.isDead, `${end.id} is drained, but not dead`);
  assertThat(scene.mayLose || end.got === peer.sent, `${end.id} got ${end.got} of ${peer.sent}`);
  assertThat(end.got <= peer.sent, `${end.id} got too much`);
}

/** Only the portals' own routers are left, and one link for each route. */
export function checkLeftovers(scene: RandomScene): void {
  if (scene.options.refusals === true) return;
  const alive = scene.aliveNodes();
  const held = scene.ends.filter((end) => end.state === "held" && !end.node.isCrashed);
  const worlds = new Set(alive.map(({ census }) => census));
  let routers = 0;
  for (const { routers: all } of worlds) routers += all.size;
  // In one world the routers of a crashed node are not told from others.
  if (scene.options.oneWorld !== true || scene.crashed === null) {
    assertThat(routers === held.length, `${routers} routers for ${held.length} portals`);
  }
  for (const node of alive)
    for (const link of node.links.values()) {
      const routes = held.filter(({ router }) => {
        const { primary } = router.outward;
        return primary?.kind === "remote" && primary.node === link;
      });
      assertThat(
        link.sublinkCount === routes.length,
        `${node.label}: ${link.sublinkCount} sublinks for ${routes.length} routes`,
      );
    }
}

/** All portals are closed: no router, no sublink, and no block is in use. */
export function checkEmpty(scene: RandomScene): void {
  const alive = scene.aliveNodes();
  for (const node of alive) {
    if (scene.options.oneWorld !== true || scene.crashed === null)
      assertThat(node.census.routers.size === 0, `${node.label}: routers without portals`);
    for (const link of node.links.values())
      assertThat(link.sublinkCount === 0, `${node.label}: sublinks without portals`);
  }
  // Counting takes time; not every seed needs it.
  if (scene.crashed === null && scene.options.seed % 4 === 0) checkBlocks(scene);
}

/** Every block that could be handed out can be again: no fragment and no link state is still in use. */
function checkBlocks(scene: RandomScene): void {
  for (const node of scene.aliveNodes())
    for (const link of node.links.values()) {
      const used = blocksInUse(link.memory);
      assertThat(used.length === 0, `${node.label}: blocks in use: ${used.join(", ")}`);
    }
}

/** All links are dropped: nothing that any of the living held is left. */
export function checkNothingLeft(scene: RandomScene): void {
  for (const node of scene.aliveNodes()) {
    if (scene.options.oneWorld !== true || scene.crashed === null)
      assertThat(node.census.routers.size === 0, `${node.label}: routers are left`);
    assertThat(node.listeners.count === 0, `${node.label}: listeners are left`);
  }
  const live = scene.net.queue.live();
  assertThat(live.length === 0, `left over: ${live.join(", ")}`);
}
