/**
 * The environments of this repository: our core over our drivers.
 */
import process from "node:process";
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
import type { TableSubject } from "../table/table-case.ts";
import { openDescriptors, sharedMappings } from "../table/leaks.ts";
import type { Environment } from "./environment.ts";
import { memEnvironments, type Subject } from "./environments-mem.ts";
import { posixEnvironments } from "./environments-posix.ts";

const core: Subject = {
  api: getAPI(),
  inspect: {
    isDirectRemote,
    linkName,
    areLocalPeers,
    liveRouters,
    describe: (portal) => JSON.stringify(inspectPortal(portal)),
  },
  leaks: () => ({
    ...openDescriptors(),
    ...sharedMappings(),
    router: liveRouters(),
    "open handle": openHandles(),
  }),
};

/** Both nodes and the sublink, in an order that does not depend on the end. */
function linkName(node: IpczHandle, portal: IpczHandle): string | null {
  const view = inspectPortal(portal);
  const own = nodeName(node);
  const remote = view?.outward?.remoteNode ?? null;
  if (view === null || !view.isDirectRemote || own === null || remote === null) return null;
  const nodes = own < remote ? `${own} ${remote}` : `${remote} ${own}`;
  return `${nodes} ${String(view.outward?.sublink)}`;
}

/** All environments that this platform has; `seed` decides the order of deliveries where there is a choice. */
export function environments(seed = 1): Environment[] {
  const posix = process.platform === "win32" ? [] : posixEnvironments(core);
  return [...memEnvironments(core, seed), ...posix];
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
