/**
 * The invited side (spec: mojo 5). Twin of invite.ts.
 *
 * How many attachments there are is the inviter's to say, so all that there can be are asked for; the peers of those
 * that it does not have are closed.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { LocalNode, Portal } from "ipcz";
import { type AttachmentName, attachmentIndex, attachmentsMax } from "./attachment-index.ts";

/** How to join. */
export interface JoinOptions {
  /** The inviter is no broker; its broker becomes ours. */
  readonly inheritBroker?: boolean;
}

/** An invitation that was accepted. */
export class Joined {
  readonly #node: LocalNode;
  readonly #attachments: (Portal | null)[];
  #service: IpczDriverHandle;

  /** @internal */
  constructor(node: LocalNode, attachments: readonly Portal[], service: IpczDriverHandle) {
    this.#node = node;
    this.#attachments = [...attachments];
    this.#service = service;
  }

  /** Takes an attachment, which is the caller's then; throws when it was taken. */
  attachment(name: AttachmentName): Portal {
    const index = attachmentIndex(name);
    const portal = this.#attachments[index];
    if (!portal) throw new Error(`attachment ${index} was taken`);
    this.#attachments[index] = null;
    return portal;
  }

  /** Closes attachments that nobody has taken, and gives up asking the inviter for memory. */
  close(): void {
    for (const portal of this.#attachments) portal?.close();
    this.#attachments.length = 0;
    if (this.#service === IPCZ_INVALID_DRIVER_HANDLE) return;
    this.#node.driver.Close(this.#service, IPCZ_NO_FLAGS, null);
    this.#service = IPCZ_INVALID_DRIVER_HANDLE;
  }
}

/** Accepts the invitation at the other end of `transport`; takes the transport. */
export function join(
  node: LocalNode,
  transport: IpczDriverHandle,
  { inheritBroker = false }: JoinOptions = {},
): Joined {
  const portals = node.connectTransport(transport, {
    peer: inheritBroker ? "sponsor" : "broker",
    portals: 1 + attachmentsMax,
    allocationDelegate: true,
  });
  const [system, ...attachments] = portals;
  if (!system) throw new Error("a connection has the portals that were asked for");
  return new Joined(node, attachments, offerService(node, system));
}

/** Gives the inviter one end of a channel for requests of memory, as it expects, and keeps the other. */
function offerService(node: LocalNode, system: Portal): IpczDriverHandle {
  const [ours, theirs] = [
    { value: IPCZ_INVALID_DRIVER_HANDLE },
    { value: IPCZ_INVALID_DRIVER_HANDLE },
  ];
  const none = IPCZ_INVALID_DRIVER_HANDLE;
  const result = node.driver.CreateTransports(none, none, IPCZ_NO_FLAGS, null, ours, theirs);
  if (result === IPCZ_RESULT_OK) system.put({ handles: [node.boxDriverObject(theirs.value)] });
  system.close();
  return ours.value;
}
