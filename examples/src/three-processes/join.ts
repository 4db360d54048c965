/**
 * What all three children do first: make a node, and connect it to the launcher's broker.
 */
import {
  type IpczAPI,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_NO_FLAGS,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { inspectPortal } from "@ipcz/core/inspect";
import { systemDriver } from "ipcz";
import { expectOk, Portal } from "../support/portal.ts";

export interface Child {
  readonly api: IpczAPI;
  readonly node: IpczHandle;
  /** To the launcher. */
  readonly control: Portal;
}

export function join(): Child {
  const api = getAPI();
  const driver = systemDriver();
  const node = { value: 0 as IpczHandle };
  expectOk(api.CreateNode(driver, IPCZ_NO_FLAGS, null, node), "create a node");
  const portals: IpczHandle[] = [];
  expectOk(
    api.ConnectNode(
      node.value,
      driver.inheritedTransport(),
      1,
      IPCZ_CONNECT_NODE_TO_BROKER,
      null,
      portals,
    ),
    "connect to the broker",
  );
  return { api, node: node.value, control: new Portal(api, portals[0] as IpczHandle) };
}

/** Where the portal's parcels go now: the name of the node at the other end of its link, and the link's type. */
export function nextHop(portal: Portal): { node: string | null; link: string | null } {
  const outward = inspectPortal(portal.handle)?.outward;
  return { node: outward?.remoteNode ?? null, link: outward?.type ?? null };
}

/** Resolves when the route has one hop, and nothing of the old one is left. */
export async function direct(portal: Portal): Promise<void> {
  while (inspectPortal(portal.handle)?.isDirectRemote !== true)
    await new Promise((resolve) => setImmediate(resolve));
}
