/**
 * What must hold when a network has come to rest, and when everything is closed.
 *
 * What must hold at every single parcel is checked where it is read.
 */
import { IPCZ_PORTAL_STATUS_DEAD, IPCZ_PORTAL_STATUS_PEER_CLOSED } from "@ipcz/api";
import { IPCZ_PORTAL_STATUS_SIZE } from "@ipcz/api";
import {
  areLocalPeers,
  inspectLock,
  inspectNode,
  inspectPortal,
  isDirectRemote,
  liveRouters,
  nodeName,
  openHandles,
} from "@ipcz/core/inspect";
import type { End } from "./model.ts";
import { expectOk, type Scene } from "./scene.ts";
import { promise } from "./violation.ts";

/** Counts of this process before a run; what it leaves behind must not change them. */
export interface Baseline {
  readonly routers: number;
  readonly handles: number;
}

/** Both ends are stable, nobody waits, nobody has locked. */
const FREE = 3;

/** The counts now. */
export function takeBaseline(): Baseline {
  return { routers: liveRouters(), handles: openHandles() };
}

/** Checks every route of a network at rest. */
export function checkRest(scene: Scene): void {
  const { model } = scene;
  for (const end of model.allHeld()) {
    const { peer } = end;
    if (!peer) continue;
    if (peer.state === "held") checkPair(scene, end, peer);
    else checkBereft(scene, end, peer);
    checkTraps(scene, end);
  }
  if (!model.relaxed) checkNodes(scene);
}

/** Checks that only the portals' own routers are left; `portals` of them are open. */
export function checkRouters(scene: Scene, baseline: Baseline, portals: number): void {
  if (scene.model.relaxed && portals > 0) return;
  const routers = liveRouters() - baseline.routers;
  promise(routers === portals, "routers-left", () => `${routers} routers for ${portals} portals`);
}

/** Checks that nothing is left when all portals and nodes are closed. */
export function checkEnd(scene: Scene, baseline: Baseline): void {
  const { network, model } = scene;
  checkRouters(scene, baseline, 0);
  for (const { end, fired } of model.traps)
    promise(fired === 1, "trap", () => `a trap on ${end} fired ${fired} times`);
  const live = network.world.liveObjects();
  const objects = Object.entries(live).filter(([, count]) => count > 0);
  const list = objects.map(([kind, count]) => `${count} ${kind}`).join(", ");
  promise(objects.length === 0, "objects-left", () => `${list} are open`);
  const handles = openHandles() - baseline.handles;
  promise(handles === 0, "handles-left", () => `${handles} handles are open`);
}

/** Two ends in applications' hands: all has come, or both know that the route is lost. */
function checkPair(scene: Scene, end: End, peer: End): void {
  const { disrupted, relaxed } = scene.model;
  const status = statusOf(scene, end);
  const isCut = (status & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
  const isPeerCut = (statusOf(scene, peer) & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
  const names = `${end.id} (node ${end.node}) and ${peer.id} (node ${peer.node})`;
  promise(isCut === isPeerCut, "half-closed", () => `only one of ${names} is cut off`);
  promise(end.got <= peer.sent, "doubled", () => `${end.id} got ${end.got} of ${peer.sent}`);
  if (isCut) {
    promise(disrupted, "cut-off", () => `${names} were cut off`);
    expectDead(end, status);
    return;
  }
  promise(end.got === peer.sent, "lost", () => `${end.id} got ${end.got} of ${peer.sent}`);
  if (relaxed) return;
  checkDirect(scene, end, peer, names);
  checkLock(end);
}

/** Two routers, one central link between them. */
function checkDirect({ network }: Scene, end: End, peer: End, names: string): void {
  if (end.node === peer.node && areLocalPeers(end.handle, peer.handle)) {
    const isDirect = inspectPortal(end.handle)?.isDirectLocal === true;
    promise(isDirect, "indirect", () => `the local link of ${names} is not all there is`);
    return;
  }
  const link = inspectPortal(end.handle)?.outward;
  const back = inspectPortal(peer.handle)?.outward;
  const peerNode = network.alive(peer.node);
  const isJoined =
    isDirectRemote(end.handle) &&
    isDirectRemote(peer.handle) &&
    end.node !== peer.node &&
    peerNode !== null &&
    link?.remoteNode === nodeName(peerNode.handle) &&
    link.sublink === back?.sublink;
  promise(isJoined, "indirect", () => `the route of ${names} is not direct`);
}

function checkLock(end: End): void {
  const lock = inspectLock(end.handle);
  const status = lock?.status ?? null;
  promise(status === FREE, "locked", () => `the lock word of ${end.id} is ${status}`);
  const references = lock?.references ?? null;
  const isCounted = references === null || references === 2;
  promise(isCounted, "references", () => `the link state of ${end.id} has ${references} holders`);
}

/** The other end is closed or gone: this end knows, and got all there was unless something broke. */
function checkBereft(scene: Scene, end: End, peer: End): void {
  const { disrupted, relaxed } = scene.model;
  const status = statusOf(scene, end);
  const isTold = (status & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
  if (!isTold && relaxed) return;
  const what = `${end.id} (node ${end.node})`;
  promise(isTold, "closure-unseen", () => `${what} does not know that ${peer.id} is ${peer.state}`);
  expectDead(end, status);
  const { got } = end;
  promise(got <= peer.sent, "doubled", () => `${what} got ${got} of ${peer.sent}`);
  const isWhole = disrupted || got === peer.sent;
  promise(isWhole, "lost", () => `${what} got ${got} of ${peer.sent}`);
}

function expectDead(end: End, status: number): void {
  const isDead = (status & IPCZ_PORTAL_STATUS_DEAD) !== 0;
  promise(isDead, "closure-unseen", () => `${end.id} is drained, its peer gone, but not dead`);
}

/** A trap fires when its condition comes true. */
function checkTraps(scene: Scene, end: End): void {
  const isGone = (statusOf(scene, end) & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
  for (const { fired } of end.traps) {
    const isRight = isGone ? fired === 1 : fired <= 1;
    promise(isRight, "trap", () => `a trap on ${end.id} fired ${fired} times`);
  }
}

/** One link for each route, and no question without an answer. */
function checkNodes({ network, model }: Scene): void {
  const held = model.allHeld();
  for (const node of network.nodes) {
    const view = node.crashed ? null : inspectNode(node.handle);
    if (!view) continue;
    const routes = held.filter(
      ({ node: at, handle }) =>
        at === node.index && inspectPortal(handle)?.outward?.kind === "remote",
    ).length;
    const { sublinks, pending } = view;
    const what = `node ${node.index}`;
    promise(pending === 0, "pending", () => `${what} waits for ${pending} answers`);
    const isRight = sublinks === routes;
    promise(isRight, "routers-left", () => `${what}: ${sublinks} sublinks, ${routes} routes`);
  }
}

function statusOf({ api }: Scene, end: End): number {
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  expectOk(api.QueryPortalStatus(end.handle, 0, null, status), `QueryPortalStatus of ${end.id}`);
  return status.flags;
}
