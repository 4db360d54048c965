/**
 * What server and client do first: join, and wait for the portal to the other one.
 */
import { connectToParent, type Node, type Portal } from "ipcz";

/** This process's node, and the portal to whom it was introduced. */
export interface Introduced {
  readonly node: Node;
  readonly portal: Portal;
}

export async function introduced(): Promise<Introduced> {
  const { node, portal: toParent } = connectToParent();
  const parcel = await toParent.receive();
  const portal = parcel?.portals[0];
  if (!portal) throw new Error("the parent introduced nobody");
  toParent.close();
  return { node, portal };
}
