/**
 * Two new routers joined by a local link: the pair behind OpenPortals.
 */
import { LocalLink } from "../links/local-link.ts";
import { Router } from "./router.ts";
import type { RouterWorld } from "./router-state.ts";

export function openPair(world: RouterWorld): readonly [Router, Router] {
  const a = new Router(world);
  const b = new Router(world);
  const [linkA, linkB] = LocalLink.central(a, b, true);
  a.outward.install(linkA);
  b.outward.install(linkB);
  return [a, b];
}
