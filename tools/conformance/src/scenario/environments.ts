/**
 * The environments of this repository: our core over our drivers.
 */
import type { IpczHandle } from "@ipcz/api";
import { getAPI, IpczGetAPI } from "@ipcz/core";
import {
  areLocalPeers,
  inspectPortal,
  isDirectRemote,
  liveRouters,
  nodeName,
  openHandles,
} from "@ipcz/core/inspect";
import { memDriver } from "@ipcz/driver-mem";
import type { TableSubject } from "../table/table-subject.ts";
import { openDescriptors, sharedMappings, type Counters } from "../table/leaks.ts";
import type { Environment } from "./environment.ts";
import { memEnvironments, type Subject } from "./environments-mem.ts";
import {
  type EnvironmentElsewhere,
  systemEnvironments,
  systemEnvironmentsElsewhere,
} from "./environments-system.ts";
import { workerEnvironments } from "./environments-worker.ts";

const core: Subject = {
  api: getAPI(),
  inspect: {
    isDirectRemote,
    linkName,
    areLocalPeers,
    liveRouters,
    describe: (portal) => JSON.stringify(inspectPortal(portal)),
  },
  leaks: () => ({ ...openDescriptors(), ...sharedMappings(), ...leaksOfThread() }),
  leaksOfThread,
};

function leaksOfThread(): Counters {
  return { router: liveRouters(), "open handle": openHandles() };
}

/** Both nodes and the sublink, in an order that does not depend on the end. */
function linkName(node: IpczHandle, portal: IpczHandle): string | null {
  const view = inspectPortal(portal);
  const own = nodeName(node);
  const remote = view?.outward?.remoteNode ?? null;
  if (view === null || !view.isDirectRemote || own === null || remote === null) return null;
  const nodes = own < remote ? `${own} ${remote}` : `${remote} ${own}`;
  return `${nodes} ${String(view.outward?.sublink)}`;
}

/** What the environments leave open. */
export interface EnvironmentOptions {
  /** Decides the order of deliveries where there is a choice. Default: 1. */
  readonly seed?: number;
  /** The program of a node's process. Default: the one beside this file. */
  readonly entry?: string;
}

/** All environments that this platform has. */
export function environments({ seed, entry }: EnvironmentOptions = {}): Environment[] {
  return [
    ...memEnvironments(core, seed ?? 1),
    ...workerEnvironments(core, entry),
    ...systemEnvironments(core, entry),
  ];
}

/** All environments that only other platforms have. */
export function environmentsElsewhere(): EnvironmentElsewhere[] {
  return systemEnvironmentsElsewhere();
}

/** Our table over the in-process driver that delivers on the sender's stack. */
export function tableSubjects(): TableSubject[] {
  let driver = memDriver({ schedule: "sync" });
  return [
    {
      name: "MemSync",
      api: core.api,
      survivesMadeUpHandles: true,
      makeDriver: () => {
        driver = memDriver({ schedule: "sync" });
        return driver;
      },
      fillTable: (table) => IpczGetAPI(table),
      leaks: () => ({ ...driver.world.liveObjects(), ...core.leaks() }),
    },
  ];
}
