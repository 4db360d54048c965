/**
 * Everything that can travel beside a value.
 */
import { MessagePort } from "node:worker_threads";
import { IPCZ_NO_FLAGS, IPCZ_PORTAL_STATUS_SIZE, IPCZ_RESULT_OK, type IpczHandle } from "@ipcz/api";
import { dataCloneError } from "../clone/data-clone-error.ts";
import type { Context } from "../objects/context.ts";
import type { Arrival, CargoKinds, Departure, Origin } from "./cargo.ts";
import { TransferKind } from "./message-format.ts";
import { arrivalOfDescriptor, departureOfDescriptor } from "./descriptor-cargo.ts";
import { arrivalOfStream, departureOfStream, type OpenPort } from "./stream-cargo.ts";

/** Ports as cargo; the class that is one says how. */
export interface PortCargo {
  /** Null: it is no port. */
  departureOf(item: object, origin: Origin): Departure | null;
  arrivalOf(handle: IpczHandle, context: Context): Arrival;
  readonly open: OpenPort;
}

/** All kinds, where `ports` are the ports. */
export function cargoKinds(ports: PortCargo): CargoKinds {
  return {
    departureOf: (item, origin) => {
      if (typeof item === "object" && item !== null) {
        const departure =
          ports.departureOf(item, origin) ??
          departureOfStream(item, origin, ports.open) ??
          departureOfDescriptor(item, origin);
        if (departure) return departure;
      }
      throw refusal(item);
    },
    arrivalOf: (kind, handles, context) => {
      const [handle] = handles;
      if (handle === undefined) throw new RangeError("nothing came for what is said to have come");
      if (kind === TransferKind.file || kind === TransferKind.socket)
        return arrivalOfDescriptor(kind, handle, context);
      for (const each of handles)
        if (!isPortal(context, each)) throw new TypeError("what came for a port is none");
      switch (kind) {
        case TransferKind.port:
          return ports.arrivalOf(handle, context);
        case TransferKind.readable:
        case TransferKind.writable:
        case TransferKind.transform:
          return arrivalOfStream(kind, handles, context, ports.open);
      }
    },
  };
}

function isPortal({ api }: Context, handle: IpczHandle): boolean {
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  return api.QueryPortalStatus(handle, IPCZ_NO_FLAGS, null, status) === IPCZ_RESULT_OK;
}

function refusal(item: unknown): DOMException {
  if (item instanceof MessagePort)
    return dataCloneError(
      "A MessagePort leads to a thread of this process and cannot leave it; use a PortalChannel.",
    );
  return dataCloneError("Found invalid value in transferList");
}
