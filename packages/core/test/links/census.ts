/**
 * All routers of a world, checked whenever one of them has changed.
 */
import { Turn } from "../../src/base/turn.ts";
import { type RouterState, RouterWorld } from "../../src/routing/router-state.ts";

export class Census {
  readonly routers = new Set<RouterState>();

  created(router: RouterState): void {
    this.routers.add(router);
  }

  changed(router: RouterState): void {
    router.checkInvariants();
  }

  retired(router: RouterState): void {
    this.routers.delete(router);
  }
}

/** A world whose routers are counted. */
export interface CountedWorld {
  readonly world: RouterWorld;
  readonly census: Census;
}

export function newWorld(): CountedWorld {
  const census = new Census();
  return { world: new RouterWorld(new Turn(), census), census };
}
