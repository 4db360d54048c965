/**
 * The inviting side: a broker, or a node that brings another one into its broker's network (spec: mojo 5).
 *
 * The first portal of the connection is the system's: over it the invited process asks for shared memory, if it may not
 * make any itself. What it sends there is kept, and not served: nobody we start is so restricted. The others are the
 * attachments.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import type { Box, LocalNode, Portal } from "ipcz";
import { type AttachmentName, attachmentIndex, attachmentsMax } from "./attachment-index.ts";

/** What is offered. */
export interface InviteOptions {
  /** How many attachments, 1 to 7; 1 by default. */
  readonly attachments?: number;
  /** The invited node finds its broker through this node, which is none: it joins with `inheritBroker`. */
  readonly shareBroker?: boolean;
}

/** An invitation that is out. */
export class Invitation {
  readonly #system: Portal;
  readonly #attachments: (Portal | null)[];
  readonly #kept: Box[] = [];

  /** @internal */
  constructor(system: Portal, attachments: readonly Portal[]) {
    this.#system = system;
    this.#attachments = [...attachments];
    void this.#keep();
  }

  /** Takes an attachment, which is the caller's then; throws when there is none of that name, or not any more. */
  attachment(name: AttachmentName): Portal {
    const index = attachmentIndex(name);
    const portal = this.#attachments[index];
    if (!portal) throw new Error(`attachment ${index} does not exist, or was taken`);
    this.#attachments[index] = null;
    return portal;
  }

  /** Closes attachments that nobody has taken, and the system's portal; the connection stays. */
  close(): void {
    this.#system.close();
    for (const portal of this.#attachments) portal?.close();
    for (const box of this.#kept) box.close();
    this.#attachments.length = 0;
    this.#kept.length = 0;
  }

  async #keep(): Promise<void> {
    for await (const { handles } of this.#system) {
      for (const handle of handles) {
        if ("type" in handle && this.#kept.length === 0) this.#kept.push(handle);
        else handle.close();
      }
    }
  }
}

/** Invites the process at the other end of `transport`; takes the transport. */
export function invite(
  node: LocalNode,
  transport: IpczDriverHandle,
  { attachments = 1, shareBroker = false }: InviteOptions = {},
): Invitation {
  if (!Number.isInteger(attachments) || attachments < 1 || attachments > attachmentsMax) {
    throw new RangeError(
      `an invitation has 1 to ${attachmentsMax} attachments, not ${attachments}`,
    );
  }
  const portals = node.connectTransport(transport, {
    peer: shareBroker ? "guest" : "member",
    portals: 1 + attachments,
  });
  const [system, ...others] = portals;
  if (!system) throw new Error("a connection has the portals that were asked for");
  return new Invitation(system, others);
}
