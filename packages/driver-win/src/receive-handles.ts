/**
 * Numbers in a stranger's bytes into handles of ours.
 */
import type { InlineHandles } from "@ipcz/mojo-codec";
import type { PipeEnd } from "./end.ts";
import { closeAll, WinHandle } from "./handle.ts";
import type { LocalHandles } from "./local-handles.ts";
import { acceptanceOf, type Relation } from "./relation.ts";
import type { WinSystem } from "./system.ts";

/** What was received, all of it the caller's. */
export interface ReceivedHandles {
  readonly handles: readonly WinHandle[];
  /** The end of the pipe that the first one is, if it has come from within this process. */
  readonly end: PipeEnd | null;
}

/** What receiving takes. */
export interface ReceiveSupplies {
  readonly system: WinSystem;
  readonly local: LocalHandles;
}

/** Handles are multiples of four; what is negative as 32 bits stands for something else (this process, say). */
const handleStep = 4n;
const handleMax = 0x7fff_fffcn;

/** Whether a number can be a handle of an object, in any process. */
export function isHandleValue(value: bigint): boolean {
  return value > 0n && value <= handleMax && value % handleStep === 0n;
}

/** Receives handles from the other end of a relation; null, with everything closed that could be had, if it may not. */
export function receiveHandles(
  supplies: ReceiveSupplies,
  relation: Relation,
  { owner, values }: InlineHandles,
): ReceivedHandles | null {
  if (new Set(values).size !== values.length || !values.every(isHandleValue)) return null;
  const numbers = values.map(Number);
  switch (acceptanceOf(relation, owner)) {
    case "refuse":
      return null;
    case "claim":
      return claimAll(supplies.local, numbers);
    case "keep":
      return keepAll(supplies.system, numbers);
    case "fetch":
      return fetchAll(supplies.system, numbers, relation);
  }
}

function claimAll(local: LocalHandles, values: readonly number[]): ReceivedHandles | null {
  const items = values.map((value) => local.find(value));
  if (items.includes(null)) return null;
  const claimed = items.flatMap((item) => (item ? [item.claim()] : []));
  return { handles: claimed.map(({ handle }) => handle), end: claimed[0]?.end ?? null };
}

function keepAll(system: WinSystem, values: readonly number[]): ReceivedHandles | null {
  // Inheritance is asked not for its own sake: the answer says whether there is a handle of that number.
  if (values.some((value) => system.setInheritable(value, false) < 0)) return null;
  return { handles: values.map((value) => new WinHandle(system, value)), end: null };
}

function fetchAll(
  system: WinSystem,
  values: readonly number[],
  { remote }: Relation,
): ReceivedHandles | null {
  const handles: WinHandle[] = [];
  if (!(remote instanceof WinHandle)) return null;
  for (const value of values) {
    const taken = system.takeHandle(value, remote.value);
    if (taken < 0) {
      closeAll(handles);
      return null;
    }
    handles.push(new WinHandle(system, taken));
  }
  return { handles, end: null };
}
