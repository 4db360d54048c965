/**
 * What the steps of a run work on.
 */
import type { IpczAPI, IpczHandle, IpczResult } from "@ipcz/api";
import { IPCZ_RESULT_NAMES, IPCZ_RESULT_OK } from "@ipcz/api";
import type { End, Model } from "./model.ts";
import type { SimNetwork, SimNode } from "./network.ts";
import { promise } from "./violation.ts";

/** One network, what is known of it, and the table it is driven by. */
export interface Scene {
  readonly api: IpczAPI;
  readonly network: SimNetwork;
  readonly model: Model;
  /** Adds a line to the log of the run. */
  readonly note: (line: string) => void;
}

/** The end of this number and its node, if an application can use it. */
export function usable(
  { model, network }: Scene,
  id: number,
): { readonly end: End; readonly node: SimNode } | null {
  const end = model.held(id);
  const node = end && network.alive(end.node);
  return node ? { end, node } : null;
}

/** Requires `OK` of a call that cannot fail. */
export function expectOk(result: IpczResult, call: string): void {
  promise(result === IPCZ_RESULT_OK, "result", () => `${call} answers ${nameOf(result)}`);
}

/** A result in words. */
export function nameOf(result: IpczResult): string {
  return IPCZ_RESULT_NAMES[result] ?? String(result);
}

/** A portal arrives at `node`, or comes into being there. */
export function arrive(end: End, node: SimNode, handle: IpczHandle): void {
  end.handle = handle;
  end.node = node.index;
  end.state = "held";
}

/** Everything of `end` is closed: what it held unread is gone too. */
export function closeEnd({ api, model }: Scene, end: End): void {
  expectOk(api.Close(end.handle, 0, null), `Close of ${end.id}`);
  model.leave(end, "closed");
}
