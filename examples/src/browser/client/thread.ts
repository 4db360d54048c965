/** What the page and its workers have in common: a node of their own over the driver between threads. */
import {
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_HANDLE,
  type IpczAPI,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { inspectPortal, isDirectRemote, nodeName } from "@ipcz/core/inspect";
import { workerDriver, type WorkerDriver, type WorkerSeat } from "@ipcz/driver-mem/worker";
import { expectOk, Portal } from "../../support/portal.ts";

/** What a worker is to do, and its end of the transport to the page; its first and only plain message. */
export interface Orders {
  readonly role: Role;
  readonly seat: WorkerSeat;
}

/** The two workers of the story. */
export type Role = "speaker" | "hearer";

/** How many numbered parcels the speaker sends. */
export const PARCEL_COUNT = 10_000;

/** The node of this thread. */
export class ThreadNode {
  readonly api: IpczAPI = getAPI();
  readonly driver: WorkerDriver = workerDriver();
  readonly handle: IpczHandle;

  constructor(flags: number) {
    const node = { value: IPCZ_INVALID_HANDLE };
    expectOk(this.api.CreateNode(this.driver, flags, null, node), "create a node");
    this.handle = node.value;
  }

  /** A node that makes others known to each other. */
  static broker(): ThreadNode {
    return new ThreadNode(IPCZ_CREATE_NODE_AS_BROKER);
  }

  /** Connects over `transport`; the one portal that leads to the other side. */
  connect(transport: IpczDriverHandle, flags: number): Portal {
    const portals: IpczHandle[] = [];
    const result = this.api.ConnectNode(this.handle, transport, 1, flags, null, portals);
    expectOk(result, "connect to another thread");
    return new Portal(this.api, portals[0] ?? IPCZ_INVALID_HANDLE);
  }

  close(): void {
    this.api.Close(this.handle, 0, null);
  }

  /**
   * Resolves once the line of `portal` is one direct link; both ends call this. One end alone cannot tell, since its
   * link may lead to somebody who passes things on: so each tells the other which link it is on, until both agree.
   */
  async untilDirect(portal: Portal): Promise<void> {
    for (;;) {
      const mine = await this.linkOf(portal);
      portal.sendText(mine);
      if ((await portal.receiveText()).text === mine) return;
    }
  }

  private async linkOf(portal: Portal): Promise<string> {
    while (!isDirectRemote(portal.handle)) await new Promise((resolve) => setTimeout(resolve));
    const outward = inspectPortal(portal.handle)?.outward;
    const nodes = [nodeName(this.handle), outward?.remoteNode].map(String).toSorted();
    return `${nodes.join(" to ")}, sublink ${String(outward?.sublink)}`;
  }
}
