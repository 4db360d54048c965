/**
 * Handles inside a message's bytes, between `Serialize` and the moment the system has the bytes.
 *
 * Nobody but the sender knows of them, so it is the sender who ends them when their message never leaves. Once the
 * system has the bytes they may have arrived, and numbers may be in use for something else: then they are let be.
 */
import type { InlineHandles } from "@ipcz/mojo-codec";
import type { PipeEnd } from "./end.ts";
import { closeAll, type WinHandle } from "./handle.ts";
import type { LocalHandle, LocalHandles } from "./local-handles.ts";
import type { Carriage } from "./relation.ts";
import type { WinSystem } from "./system.ts";

/** The handles of one serialized object. */
export interface Cargo {
  /** What to write. */
  readonly handles: InlineHandles;
  /** The message will not leave. */
  drop(): void;
}

/** What cargo is made with. */
export interface CargoSupplies {
  readonly system: WinSystem;
  readonly local: LocalHandles;
}

/**
 * Makes cargo for `carrier`, over which it will be sent; takes the handles. `end` is that of the pipe which the first
 * of them may be. A number is the negative of the system's error; the handles are untouched then.
 */
export function loadCargo(
  { system, local }: CargoSupplies,
  carriage: Exclude<Carriage, "denied">,
  carrier: PipeEnd,
  handles: readonly WinHandle[],
  end: PipeEnd | null,
): Cargo | number {
  if (carriage === "within") {
    const items = handles.map((handle, index) =>
      local.put(handle, index === 0 ? end : null, carrier),
    );
    return localCargo(handles, items, carrier);
  }
  const { remote } = carrier.relation;
  if (carriage === "recipient" && remote !== null && remote !== "own") {
    const given = giveAll(system, handles, remote);
    if (typeof given !== "number") end?.leave(carrier.relation);
    return given;
  }
  end?.leave(carrier.relation);
  const values = handles.map((handle) => handle.release());
  return {
    handles: { owner: "sender", values: values.map(BigInt) },
    drop: () => {
      for (const value of values) system.closeHandle(value);
    },
  };
}

function localCargo(
  handles: readonly WinHandle[],
  items: readonly LocalHandle[],
  carrier: PipeEnd,
): Cargo {
  const values = handles.map(({ value }) => BigInt(value));
  const drop = (): void => {
    for (const item of items) item.close();
  };
  if (carrier.isDeserted) drop();
  return { handles: { owner: "recipient", values }, drop };
}

function giveAll(
  system: WinSystem,
  handles: readonly WinHandle[],
  process: WinHandle,
): Cargo | number {
  const values: number[] = [];
  const takeBack = (): void => {
    for (const value of values) system.closeHandleIn(value, process.value);
  };
  for (const handle of handles) {
    const value = system.giveHandle(handle.value, process.value);
    if (value < 0) {
      takeBack();
      return value;
    }
    values.push(value);
  }
  closeAll(handles);
  return { handles: { owner: "recipient", values: values.map(BigInt) }, drop: takeBack };
}

/** Ends what will not leave. */
export function dropAll(cargo: readonly Cargo[]): void {
  for (const each of cargo) each.drop();
}
